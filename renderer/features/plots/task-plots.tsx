// Energy, largest force and temperature of a task over its steps, live.
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

const PLOTS = [
  { name: 'energy_eV', color: 'energy' },
  { name: 'max_force_eV_A', color: 'force' },
  { name: 'temperature_k', color: 'force' },
] as const;

export function TaskPlots({ steps, theme, mayGrow }: TaskPlotsProps) {
  const { t } = useTranslation();
  const series = useMemo(
    () => ({
      steps: steps.map(({ step }) => step),
      energy_eV: steps.map(({ energy_eV }) => energy_eV),
      max_force_eV_A: steps.map(({ max_force_eV_A }) => max_force_eV_A),
      temperature_k: steps.map(({ temperature_k }) => temperature_k),
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
  // Relaxations have forces, dynamics temperatures; a quantity that the steps do not carry has no plot.
  const shown = PLOTS.filter(({ name }) => series[name].some((value) => value !== null));
  return (
    <div className="task-plots">
      {shown.map(({ name, color }) => (
        <figure key={name} className="series-plot" data-quantity={name}>
          <figcaption>
            <span>
              {t(`quantity.${name}`)} <span className="unit">{QUANTITIES[name].unit}</span>
            </span>
            <LastValue name={name} last={steps.at(-1)} />
          </figcaption>
          <SeriesPlot
            label={t(`quantity.${name}`)}
            steps={series.steps}
            values={series[name].map((value) => value ?? Number.NaN)}
            decimals={QUANTITIES[name].decimals}
            isLogarithmic={name === 'max_force_eV_A'}
            theme={theme}
            color={color}
          />
        </figure>
      ))}
    </div>
  );
}

function LastValue({ name, last }: { name: (typeof PLOTS)[number]['name']; last: StepEvent | undefined }) {
  const { t } = useTranslation();
  const value = last?.[name] ?? null;
  if (last === undefined || value === null) return null;
  return (
    <span className="series-plot-last">
      <QuantityValue name={name} value={value} />
      <span className="series-plot-step">{t('plots.last', { step: last.step })}</span>
    </span>
  );
}
