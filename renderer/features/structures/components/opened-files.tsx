// The files that were opened together, each with what it holds or why it was refused.
import { useTranslation } from 'react-i18next';
import { reasonOf } from '../../../api/failure.ts';
import { Formula } from '../../../components/formula.tsx';
import { Icon } from '../../../components/icon.tsx';
import type { OpenedFile } from '../open-files.ts';
import './opened-files.css';

export function OpenedFiles({ files }: { files: readonly OpenedFile[] }) {
  const { t } = useTranslation();
  return (
    <table className="plain-table opened-files">
      <thead>
        <tr>
          <th scope="col">{t('openedFiles.file')}</th>
          <th scope="col">{t('openedFiles.formula')}</th>
          <th scope="col">{t('quantity.n_atoms')}</th>
          <th scope="col">{t('structures.spaceGroup')}</th>
        </tr>
      </thead>
      <tbody>
        {files.map((file, i) => (
          // Two files of different folders may have one name.
          <tr key={i} data-state={file.state}>
            <th scope="row">{file.filename}</th>
            <FileCells file={file} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function FileCells({ file }: { file: OpenedFile }) {
  const { t } = useTranslation();
  switch (file.state) {
    case 'reading':
      return <td colSpan={3}>{t('app.loading')}</td>;
    case 'failed':
      return (
        <td colSpan={3} className="opened-files-failure">
          <Icon name="warning" />
          {reasonOf(file.error)}
        </td>
      );
    case 'ready':
      return (
        <>
          <td>
            <Formula formula={file.structure.formula} />
          </td>
          <td>{file.structure.n_atoms}</td>
          <td title={file.structure.warnings.join('\n')}>{file.structure.space_group ?? '–'}</td>
        </>
      );
  }
}
