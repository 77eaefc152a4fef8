// Built-in structures and the files opened before, with one search over both.
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BuiltinStructure } from '../../../../contracts/structure.ts';
import { IconButton } from '../../../components/button.tsx';
import { EmptyNotice } from '../../../components/empty-notice.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { Formula } from '../../../components/formula.tsx';
import { SearchField } from '../../../components/search-field.tsx';
import { useBuiltinStructures } from '../api/list-builtin-structures.ts';
import type { AddressedStructure } from '../api/structure-geometry.ts';
import './structure-list.css';

export interface OpenedStructure {
  readonly file_id: string;
  readonly filename: string;
  readonly formula: string;
  readonly n_atoms: number;
}

interface StructureListProps {
  opened: readonly OpenedStructure[];
  selected: AddressedStructure | null;
  onSelect: (source: AddressedStructure) => void;
  onForget: (fileId: string) => void;
}

function matches(query: string, ...texts: readonly string[]): boolean {
  const words = query.toLowerCase().split(/\s+/);
  const haystack = texts.join(' ').toLowerCase();
  return words.every((word) => haystack.includes(word));
}

export function StructureList({ opened, selected, onSelect, onForget }: StructureListProps) {
  const { t } = useTranslation();
  const [query, setQuery] = useState('');
  const builtin = useBuiltinStructures();
  const openedShown = opened.filter(({ filename, formula }) => matches(query, filename, formula));

  return (
    <div className="structure-list">
      <SearchField label={t('structures.search')} value={query} onChange={setQuery} />
      <div className="structure-list-scroll">
        {openedShown.length > 0 && (
          <section aria-label={t('structures.recent')}>
            <h3>{t('structures.recent')}</h3>
            <ul>
              {openedShown.map((file) => (
                <li key={file.file_id} className="structure-item-with-action">
                  <StructureItem
                    title={file.filename}
                    formula={file.formula}
                    nAtoms={file.n_atoms}
                    isSelected={selected?.source === 'upload' && selected.file_id === file.file_id}
                    onSelect={() => {
                      onSelect({ source: 'upload', file_id: file.file_id });
                    }}
                  />
                  <IconButton
                    icon="close"
                    label={t('structures.forget', { name: file.filename })}
                    onClick={() => {
                      onForget(file.file_id);
                    }}
                  />
                </li>
              ))}
            </ul>
          </section>
        )}
        <section aria-label={t('structures.builtin')}>
          <h3>{t('structures.builtin')}</h3>
          {builtin.isPending && <SkeletonRows />}
          {builtin.isError && <FailureNotice error={builtin.error} onRetry={() => void builtin.refetch()} />}
          {builtin.isSuccess && (
            <BuiltinRows structures={builtin.data} query={query} selected={selected} onSelect={onSelect} />
          )}
        </section>
      </div>
    </div>
  );
}

function BuiltinRows({
  structures,
  query,
  selected,
  onSelect,
}: {
  structures: readonly BuiltinStructure[];
  query: string;
  selected: AddressedStructure | null;
  onSelect: (source: AddressedStructure) => void;
}) {
  const { t } = useTranslation();
  if (structures.length === 0) return <EmptyNotice>{t('structures.none')}</EmptyNotice>;
  const shown = structures.filter(({ name, title, formula, category }) =>
    matches(query, name, title, formula, category),
  );
  if (shown.length === 0) return <EmptyNotice>{t('structures.noMatch', { query })}</EmptyNotice>;
  return (
    <ul>
      {shown.map((structure) => (
        <li key={structure.name}>
          <StructureItem
            title={structure.name.replaceAll('_', ' ')}
            formula={structure.formula}
            nAtoms={structure.n_atoms}
            isSelected={selected?.source === 'builtin' && selected.name === structure.name}
            onSelect={() => {
              onSelect({ source: 'builtin', name: structure.name });
            }}
          />
        </li>
      ))}
    </ul>
  );
}

function StructureItem({
  title,
  formula,
  nAtoms,
  isSelected,
  onSelect,
}: {
  title: string;
  formula: string;
  nAtoms: number;
  isSelected: boolean;
  onSelect: () => void;
}) {
  const { t } = useTranslation();
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isSelected) button.current?.scrollIntoView({ block: 'nearest' });
  }, [isSelected]);
  return (
    <button
      ref={button}
      type="button"
      className="structure-item"
      aria-current={isSelected ? 'true' : undefined}
      title={`${title} · ${t('structures.atoms', { count: nAtoms })}`}
      onClick={onSelect}
    >
      <span className="structure-title">{title}</span>
      <span className="structure-count">{nAtoms}</span>
      <span className="structure-formula">
        <Formula formula={formula} />
      </span>
    </button>
  );
}

function SkeletonRows() {
  const { t } = useTranslation();
  return (
    <ul className="skeleton" aria-label={t('app.loading')} aria-busy="true">
      {Array.from({ length: 6 }, (_, i) => (
        <li key={i} />
      ))}
    </ul>
  );
}
