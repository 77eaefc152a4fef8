// The models that there are: those that compute here first, then those that could be fetched.
import { useTranslation } from 'react-i18next';
import type { Model } from '../../../../contracts/model.ts';
import { IconButton } from '../../../components/button.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { formatBytes } from '../../../lib/format.ts';
import { useDeleteModel } from '../api/models.ts';
import './model-table.css';

/** Of a model that knows more, their number is shown. */
const ELEMENTS_SHOWN = 12;

export function ModelTable({ models }: { models: readonly Model[] }) {
  const { t } = useTranslation();
  const remove = useDeleteModel();
  const sorted = [...models].sort((a, b) => Number(b.is_available) - Number(a.is_available));
  return (
    <>
      {remove.isError && (
        <FailureNotice
          error={remove.error}
          onDismiss={() => {
            remove.reset();
          }}
        />
      )}
      <table className="plain-table model-table">
        <thead>
          <tr>
            <th scope="col">{t('models.name')}</th>
            <th scope="col">{t('models.elements')}</th>
            <th scope="col">{t('models.license')}</th>
            <th scope="col">{t('models.size')}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {sorted.map((model) => (
            <tr key={model.id} data-available={model.is_available}>
              <td>
                <strong>{model.name}</strong> {model.is_recommended && <em>{t('models.recommended')}</em>}
                <p title={model.citation}>{model.description}</p>
                {model.installed && model.unavailable_reason !== null && (
                  <p className="model-reason">{model.unavailable_reason}</p>
                )}
              </td>
              <td title={model.supported_elements.join(' ')}>
                {model.supported_elements.length > ELEMENTS_SHOWN
                  ? t('models.elementCount', { count: model.supported_elements.length })
                  : model.supported_elements.join(' ')}
              </td>
              <td>{model.license ?? '–'}</td>
              <td>{model.size_bytes === null ? '–' : formatBytes(model.size_bytes)}</td>
              <td className="model-actions">{actionsOf(model)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );

  function actionsOf(model: Model) {
    if (model.is_custom) {
      return (
        <IconButton
          icon="trash"
          label={t('models.delete', { name: model.name })}
          disabled={remove.isPending}
          onClick={() => {
            remove.mutate(model.id);
          }}
        />
      );
    }
    if (model.download_url === null || model.installed) return null;
    return (
      <a href={model.download_url} target="_blank" rel="noreferrer" title={model.unavailable_reason ?? undefined}>
        {t('models.get')}
      </a>
    );
  }
}
