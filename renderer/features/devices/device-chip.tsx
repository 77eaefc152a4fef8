// Where tasks run: the GPUs, or the CPU with the reason why.
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Gpus } from '../../../contracts/system.ts';
import { Icon } from '../../components/icon.tsx';
import { gibText } from './gib-text.ts';
import { GpuCard } from './gpu-card.tsx';
import { useDevices } from './list-devices.ts';
import './device-chip.css';

export function DeviceChip() {
  const { t } = useTranslation();
  const panelId = useId();
  const devices = useDevices();
  if (devices.data === undefined) {
    return (
      <span className="device-chip" data-state={devices.isError ? 'failed' : 'loading'}>
        <Icon name="chip" />
        {devices.isError ? t('devices.failed') : t('devices.loading')}
      </span>
    );
  }
  const { gpus, cpu } = devices.data;
  const hasGpu = gpus.length > 0;
  const n_busy = gpus.filter(({ status }) => status === 'busy').length;
  return (
    <>
      <button type="button" className="device-chip" data-state={hasGpu ? 'gpu' : 'cpu'} popoverTarget={panelId}>
        <Icon name="chip" />
        {hasGpu ? gpuText(gpus) : t('devices.cpuOnly', { count: cpu.n_threads })}
        {!hasGpu && <span className="device-chip-note">{t('devices.noGpu')}</span>}
        {n_busy > 0 && <span className="device-chip-busy">{t('devices.busy', { count: n_busy })}</span>}
      </button>
      <div id={panelId} popover="auto" className="device-panel" aria-label={t('devices.title')}>
        <DevicePanel devices={devices.data} />
      </div>
    </>
  );
}

function gpuText(gpus: Gpus['gpus']): string {
  const first = gpus[0]?.name ?? '';
  return gpus.length === 1 ? first : `${gpus.length} × ${first}`;
}

function DevicePanel({ devices }: { devices: Gpus }) {
  const { t } = useTranslation();
  const { gpus, cpu, unavailable_reason } = devices;
  return (
    <>
      <h3>{t('devices.title')}</h3>
      <ul>
        {gpus.map((gpu) => (
          <GpuCard key={gpu.uuid} gpu={gpu} />
        ))}
        <li>
          <strong>{cpu.name}</strong>
          <span>{t(`devices.cpu.${cpu.status}`)}</span>
          <span>{t('devices.cpuOnly', { count: cpu.n_threads })}</span>
          <span>{gibText(cpu)}</span>
        </li>
      </ul>
      {gpus.length === 0 && (
        <p>
          <strong>{t('devices.noGpu')}</strong>
          <br />
          {t('devices.reason')}: {unavailable_reason ?? t('devices.noReason')}
        </p>
      )}
    </>
  );
}
