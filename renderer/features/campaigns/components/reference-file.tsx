// The file with the values that a campaign is compared with.
import { useTranslation } from 'react-i18next';
import { QUANTITIES } from '../../../../contracts/key-figures.ts';
import { readReferences } from '../../../../contracts/reference-table.ts';
import type { ReferenceValues } from '../../../../contracts/reference-table.ts';

export function ReferenceFile({
  references,
  onRead,
}: {
  references: ReferenceValues;
  onRead: (references: ReferenceValues) => void;
}) {
  const { t } = useTranslation();
  return (
    <div>
      <input
        type="file"
        accept=".csv,text/csv"
        aria-label={t('campaigns.reference')}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file !== undefined)
            void file.text().then((text) => {
              onRead(readReferences(text));
            });
        }}
      />
      <p className="submit-help" title={QUANTITIES.join('\n')}>
        {references.rows.length === 0
          ? t('campaigns.referenceHelp')
          : t('campaigns.referenceRead', { count: references.rows.length })}
      </p>
      {references.problems.length > 0 && (
        <ul className="result-warnings">
          {references.problems.slice(0, 5).map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
