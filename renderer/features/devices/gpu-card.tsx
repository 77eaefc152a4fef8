// One GPU: what it does, how it is, who else is there, and whether tasks may use it.
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Gpu } from '../../../contracts/system.ts';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { formatNumber } from '../../lib/format.ts';
import { gibText } from './gib-text.ts';
import { useGpuSettings } from './list-devices.ts';

const CONCURRENCIES = [1, 2, 4, 8] as const;

export function GpuCard({ gpu }: { gpu: Gpu }) {
  const { t } = useTranslation();
  const id = useId();
  const settings = useGpuSettings(gpu.uuid);
  return (
    <li className="gpu-card" data-status={gpu.status}>
      <header>
        <strong>
          {gpu.id} · {gpu.name}
        </strong>
        <span className="gpu-status">{t(gpu.is_enabled ? `devices.gpu.${gpu.status}` : 'devices.disabled')}</span>
      </header>
      <progress
        max={gpu.memory_total_mb}
        value={gpu.memory_used_mb}
        aria-label={t('devices.memoryLabel', { name: gpu.name })}
      />
      <p>{[gibText(gpu), ...readings(gpu)].join(' · ')}</p>
      {gpu.problem !== null && <p className="gpu-problem">{gpu.problem}</p>}
      {gpu.other_processes.length > 0 && (
        <p className="gpu-problem">
          {t('devices.others', { names: gpu.other_processes.map(({ name, pid }) => `${name} (${pid})`).join(', ') })}
        </p>
      )}
      <div className="gpu-settings">
        <label>
          <input
            type="checkbox"
            role="switch"
            checked={gpu.is_enabled}
            disabled={settings.isPending}
            onChange={(event) => {
              settings.mutate({ is_enabled: event.target.checked });
            }}
          />
          {t('devices.enabled')}
        </label>
        <label>
          <input
            type="checkbox"
            role="switch"
            checked={gpu.is_paused}
            disabled={settings.isPending || !gpu.is_enabled}
            onChange={(event) => {
              settings.mutate({ is_paused: event.target.checked });
            }}
          />
          {t('devices.paused')}
        </label>
        <label htmlFor={`${id}-concurrency`}>
          {t('devices.concurrency')}
          <select
            id={`${id}-concurrency`}
            value={gpu.concurrency}
            disabled={settings.isPending || !gpu.is_enabled}
            onChange={(event) => {
              settings.mutate({ concurrency: Number(event.target.value) });
            }}
          >
            {[...new Set([...CONCURRENCIES, gpu.concurrency])]
              .sort((a, b) => a - b)
              .map((count) => (
                <option key={count}>{count}</option>
              ))}
          </select>
        </label>
      </div>
      {settings.isError && <FailureNotice error={settings.error} />}
    </li>
  );
}

function readings({ utilization_percent, temperature_c, power_w }: Gpu): string[] {
  const measured: readonly (readonly [number | null, string])[] = [
    [utilization_percent, '%'],
    [temperature_c, '°C'],
    [power_w, 'W'],
  ];
  return measured.flatMap(([value, unit]) => (value === null ? [] : [`${formatNumber(value, 0)} ${unit}`]));
}
