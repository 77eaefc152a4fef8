// Energy and largest force of a task over its steps, live.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { StepEvent } from '../../../contracts/event.ts';
import { EmptyNotice } from '../../components/empty-notice.tsx';
import { QuantityValue } from '../../components/quantity-value.tsx';
import { QUANTITIES } from '../../lib/quantities.ts';
import { SeriesPlot } from './series-plot.tsx';
import './task-plots.css';

interface TaskPlotsProps {
  steps: readonly StepEvent[];
  theme: 'light' | 'dark';
  /** Can steps still come? */
  mayGrow: boolean;
}

export function TaskPlots({ steps, theme, mayGrow }: TaskPlotsProps) {
  const { t } = useTranslation();
  const series = useMemo(
    () => ({
      steps: steps.map(({ step }) => step),
      energy_eV: steps.map(({ energy_eV }) => energy_eV),
      max_force_eV_A: steps.map(({ max_force_eV_A }) => max_force_eV_A),
    }),
    [steps],
  );
  if (steps.length === 0) {
    return (
      <div className="task-plots is-empty">
        <EmptyNotice>{mayGrow ? t('plots.waiting') : t('plots.none')}</EmptyNotice>
      </div>
    );
  }
  const last = steps.at(-1);
  return (
    <div className="task-plots">
      {(['energy_eV', 'max_force_eV_A'] as const).map((name) => (
        <figure key={name} className="series-plot" data-quantity={name}>
          <figcaption>
            <span>
              {t(`quantity.${name}`)} <span className="unit">{QUANTITIES[name].unit}</span>
            </span>
            {last !== undefined && (
              <span className="series-plot-last">
                <QuantityValue name={name} value={last[name]} />
                <span className="series-plot-step">{t('plots.last', { step: last.step })}</span>
              </span>
            )}
          </figcaption>
          <SeriesPlot
            label={t(`quantity.${name}`)}
            steps={series.steps}
            values={series[name]}
            decimals={QUANTITIES[name].decimals}
            isLogarithmic={name === 'max_force_eV_A'}
            theme={theme}
            color={name === 'energy_eV' ? 'energy' : 'force'}
          />
        </figure>
      ))}
    </div>
  );
}
