// Where the molecule likes to be: a surface of equal energy in the 3D view, and the level that it is drawn at.
import { useEffect, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { InteractionEnergyResult } from '../../../contracts/results/interaction-energy.ts';
import { TASK_TYPES } from '../../../contracts/task-types.ts';
import { fetchAnswered } from '../../api/client.ts';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { formatNumber } from '../../lib/format.ts';
import { useTaskResult } from '../tasks/api/tasks.ts';
import type { EnergySurface } from '../viewer/crystal-scene.ts';
import './energy-surface-bar.css';

/** Of the lowest energy: between the sites and the open pore. */
const FIRST_LEVEL = 0.5;
const N_LEVELS = 100;

interface EnergySurfaceBarProps {
  taskId: string;
  onSurface: (surface: EnergySurface | null) => void;
}

export function EnergySurfaceBar({ taskId, onSurface }: EnergySurfaceBarProps) {
  const answer = useTaskResult(taskId, true);
  const result = TASK_TYPES['interaction-energy'].result.safeParse(answer.data?.result).data;
  const lowest = result?.interaction_energy_eV ?? 0;
  // A molecule that is bound nowhere has no such surface.
  if (result === undefined || lowest >= 0) return null;
  return <LevelBar grid={result.grid} lowest_eV={lowest} onSurface={onSurface} />;
}

interface LevelBarProps {
  grid: InteractionEnergyResult['grid'];
  lowest_eV: number;
  onSurface: (surface: EnergySurface | null) => void;
}

function LevelBar({ grid, lowest_eV, onSurface }: LevelBarProps) {
  const { t } = useTranslation();
  const [isShown, setIsShown] = useState(false);
  const [level_eV, setLevel] = useState(FIRST_LEVEL * lowest_eV);
  const cube = useQuery({
    queryKey: ['cube', grid.minimum_cube_url],
    queryFn: async ({ signal }) => (await fetchAnswered(grid.minimum_cube_url, { signal })).text(),
    enabled: isShown,
    staleTime: Infinity,
  });

  useEffect(() => {
    onSurface(isShown && cube.data !== undefined ? { cube: cube.data, level_eV } : null);
  }, [cube.data, isShown, level_eV, onSurface]);

  return (
    <div className="energy-surface-bar" role="group" aria-label={t('surface.title')}>
      <label>
        <input
          type="checkbox"
          checked={isShown}
          onChange={(event) => {
            setIsShown(event.target.checked);
          }}
        />
        {t('surface.title')}
      </label>
      {isShown && (
        <>
          <input
            type="range"
            min={lowest_eV}
            max={0}
            step={-lowest_eV / N_LEVELS}
            value={level_eV}
            aria-label={t('surface.level')}
            onChange={(event) => {
              setLevel(Number(event.target.value));
            }}
          />
          <span className="energy-surface-level">{formatNumber(level_eV, 3)} eV</span>
        </>
      )}
      {cube.isError && <FailureNotice error={cube.error} onRetry={() => void cube.refetch()} />}
    </div>
  );
}
