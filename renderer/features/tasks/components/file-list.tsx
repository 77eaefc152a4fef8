// Files of a task, to be saved one by one, or all in an archive that can be run again.
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { download } from '../../../api/client.ts';
import { EmptyNotice } from '../../../components/empty-notice.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { Icon } from '../../../components/icon.tsx';
import { formatBytes } from '../../../lib/format.ts';
import { useTaskFiles } from '../api/tasks.ts';
import './file-list.css';

export function FileList({ taskId, isFinished }: { taskId: string; isFinished: boolean }) {
  const { t } = useTranslation();
  const files = useTaskFiles(taskId, isFinished);
  const save = useMutation({
    mutationFn: ({ path, filename }: { path: string; filename: string }) => download(path, filename),
  });
  if (!isFinished) return <EmptyNotice>{t('files.none')}</EmptyNotice>;
  if (files.isPending) return <EmptyNotice>{t('app.loading')}</EmptyNotice>;
  if (files.isError) return <FailureNotice error={files.error} onRetry={() => void files.refetch()} />;
  if (files.data.length === 0) return <EmptyNotice>{t('files.none')}</EmptyNotice>;
  return (
    <div className="file-list">
      <ul>
        {files.data.map(({ filename, size_bytes }) => (
          <li key={filename}>
            <button
              type="button"
              aria-label={t('files.download', { name: filename })}
              onClick={() => {
                save.mutate({
                  path: `/files/${encodeURIComponent(taskId)}/${encodeURIComponent(filename)}`,
                  filename,
                });
              }}
            >
              <Icon name="download" />
              <span className="file-name">{filename}</span>
              <span className="file-size">{formatBytes(size_bytes)}</span>
            </button>
          </li>
        ))}
        <li>
          <button
            type="button"
            title={t('files.archiveHelp')}
            onClick={() => {
              save.mutate({ path: `/tasks/${encodeURIComponent(taskId)}/export`, filename: `${taskId}.zip` });
            }}
          >
            <Icon name="download" />
            <span className="file-name">{t('files.archive')}</span>
          </button>
        </li>
      </ul>
      {save.isError && <FailureNotice title={t('files.failed')} error={save.error} />}
    </div>
  );
}
