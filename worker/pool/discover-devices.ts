// Which devices the kernel can compute on, in its own words.
import type { KernelDevice } from '../../contracts/kernel-message.ts';
import { startKernel } from '../kernel-client/kernel.ts';

const ANSWER_TIMEOUT_MS = 30_000;

export interface Devices {
  devices: readonly KernelDevice[];
  /** Why there is no GPU; null when there is one. */
  cuda_unavailable_reason: string | null;
}

/** Indices as nvidia-smi counts, instead of CUDA's fastest first. */
export const DEVICE_ORDER = { CUDA_DEVICE_ORDER: 'PCI_BUS_ID' } as const;

/**
 * @param visible UUIDs of the GPUs that the kernel may open; null = all
 * @throws KernelFailure
 */
export async function discoverDevices(kernelPath: string, visible: readonly string[] | null): Promise<Devices> {
  const restriction = visible === null ? {} : { CUDA_VISIBLE_DEVICES: visible.join(',') };
  const kernel = await startKernel({ path: kernelPath, env: { ...DEVICE_ORDER, ...restriction } });
  try {
    const { header } = await kernel.request({ type: 'devices' }, { timeoutMs: ANSWER_TIMEOUT_MS });
    const notBuilt = kernel.hello.cuda_built ? null : 'This mofkernel was built without CUDA.';
    return { devices: header.devices, cuda_unavailable_reason: header.cuda_unavailable_reason ?? notBuilt };
  } finally {
    await kernel.stop();
  }
}
