// One line of facts under a structure's name: formula, atoms, space group, cell, density.
import { useTranslation } from 'react-i18next';
import type { CellParameters, StructureSummary } from '../../../../contracts/structure.ts';
import { Formula } from '../../../components/formula.tsx';
import { QuantityValue } from '../../../components/quantity-value.tsx';
import { formatNumber } from '../../../lib/format.ts';
import './structure-facts.css';

export function StructureFacts({ summary }: { summary: StructureSummary }) {
  const { t } = useTranslation();
  const cell = summary.cell_parameters;
  return (
    <ul className="structure-facts">
      <li>
        <Formula formula={summary.formula} />
      </li>
      <li>{t('structures.atoms', { count: summary.n_atoms })}</li>
      {summary.space_group !== null && (
        <li title={t('structures.spaceGroup')}>{summary.space_group.replaceAll(' ', '')}</li>
      )}
      {cell === null ? (
        <li>{t('structures.molecule')}</li>
      ) : (
        <li title={t('structures.cell')}>
          {[cell.a, cell.b, cell.c].map((length) => formatNumber(length, 2)).join(' × ')}{' '}
          <span className="unit">Å</span>
          {!isRightAngled(cell) && (
            <span className="structure-angles">
              {[cell.alpha, cell.beta, cell.gamma].map((angle) => `${formatNumber(angle, 1)}°`).join(' ')}
            </span>
          )}
        </li>
      )}
      {summary.density_g_cm3 !== null && (
        <li title={t('structures.density')}>
          <QuantityValue name="density_g_cm3" value={summary.density_g_cm3} />
        </li>
      )}
    </ul>
  );
}

function isRightAngled({ alpha, beta, gamma }: CellParameters): boolean {
  return [alpha, beta, gamma].every((angle) => Math.abs(angle - 90) < 0.05);
}
