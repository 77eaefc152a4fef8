// What the views of results are built from. Every row takes name, unit and decimals from the table of quantities.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CellParameters } from '../../contracts/structure.ts';
import { Icon } from './icon.tsx';
import { formatQuantity, QuantityValue } from './quantity-value.tsx';
import { formatNumber } from '../lib/format.ts';
import type { QuantityName } from '../lib/quantities.ts';
import type { en } from '../locales/en.ts';
import './result-parts.css';

/** Of the quantities that have words. */
type NamedQuantity = QuantityName & keyof typeof en.quantity;

/** Name, value, and the standard error where one is known; null leaves the row out. */
export type Row = readonly [name: NamedQuantity, value: number | null | undefined, error?: number | null | undefined];

export function Rows({ rows }: { rows: readonly Row[] }) {
  const { t } = useTranslation();
  return (
    <table className="result-table">
      <tbody>
        {rows.map(([name, value, error = null]) =>
          value === null || value === undefined ? null : (
            <tr key={name} data-quantity={name}>
              <th scope="row">{t(`quantity.${name}`)}</th>
              <td>
                <QuantityValue name={name} value={value} />
                {error !== null && <span className="result-error"> ± {formatQuantity(name, error)}</span>}
              </td>
            </tr>
          ),
        )}
      </tbody>
    </table>
  );
}

export function Section({ title, unit, children }: { title: string; unit?: string; children: ReactNode }) {
  return (
    <section className="result-section">
      <h4>
        {title} {unit !== undefined && <span className="unit">{unit}</span>}
      </h4>
      {children}
    </section>
  );
}

/** The outcome in one line; a bad one stands out. */
export function Verdict({ isGood, title, children }: { isGood: boolean; title: string; children?: ReactNode }) {
  return (
    <div className={`notice ${isGood ? 'notice-good' : 'notice-warning'}`} role="status">
      <Icon name={isGood ? 'check' : 'warning'} />
      <div className="notice-body">
        <strong>{title}</strong>
        {children}
      </div>
    </div>
  );
}

export interface CriterionRow {
  readonly key: string;
  readonly text: string;
  readonly value: string;
  readonly passed: boolean;
}

/** What a verdict stands on, line by line. */
export function Criteria({ title, rows }: { title: string; rows: readonly CriterionRow[] }) {
  return (
    <Section title={title}>
      <ul className="result-criteria">
        {rows.map(({ key, text, value, passed }) => (
          <li key={key} data-criterion={key} data-passed={passed}>
            <Icon name={passed ? 'check' : 'warning'} />
            <span>{text}</span>
            <span className="result-criterion-value">{value}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

export interface Column {
  readonly title: string;
  readonly unit?: string;
}

/** Numbers side by side; scrolls inside itself when it is long. */
export function DataTable({
  columns,
  rows,
}: {
  columns: readonly Column[];
  rows: readonly { readonly key: string; readonly cells: readonly ReactNode[] }[];
}) {
  return (
    <div className="result-data">
      <table>
        <thead>
          <tr>
            {columns.map(({ title, unit }) => (
              <th key={title} scope="col">
                {title}
                {unit !== undefined && <span className="unit"> {unit}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {cells.map((cell, i) => (
                <td key={columns[i]?.title ?? i}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Warnings({ warnings }: { warnings: readonly string[] }) {
  const { t } = useTranslation();
  if (warnings.length === 0) return null;
  return (
    <Section title={t('result.warnings')}>
      <ul className="result-warnings">
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </Section>
  );
}

export function CellRow({ cell }: { cell: CellParameters }) {
  const { t } = useTranslation();
  return (
    <Section title={t('result.cell')}>
      <p className="result-cell">
        {[cell.a, cell.b, cell.c].map((length) => formatNumber(length, 4)).join('  ')} <span className="unit">Å</span>
        <br />
        {[cell.alpha, cell.beta, cell.gamma].map((angle) => formatNumber(angle, 3)).join('  ')}
        <span className="unit"> °</span>
      </p>
    </Section>
  );
}

const VOIGT = ['xx', 'yy', 'zz', 'yz', 'xz', 'xy'] as const;

export function StressRow({ stress }: { stress: readonly number[] }) {
  const { t } = useTranslation();
  return (
    <Section title={t('quantity.stress_GPa')} unit="GPa">
      <dl className="result-grid">
        {VOIGT.map((component, i) => (
          <div key={component}>
            <dt>{component}</dt>
            <dd>{formatNumber(stress[i] ?? Number.NaN, 4)}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

export function Components({ components }: { components: Readonly<Record<string, number>> }) {
  const { t } = useTranslation();
  const entries = Object.entries(components);
  if (entries.length === 0) return null;
  return (
    <Section title={t('result.components')} unit="eV">
      <dl className="result-list">
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt>{name.replaceAll('_', ' ')}</dt>
            <dd>{formatNumber(value, 4)}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

/** Zn3–O17: elements and indices of two atoms. */
export function bondName(elements: readonly [string, string], atoms: readonly [number, number]): string {
  return `${elements[0]}${atoms[0]}–${elements[1]}${atoms[1]}`;
}
