// What the kernel can compute on.
import type { KernelDevice } from '../../contracts/kernel-message.ts';
import type { Kernel } from './kernel.ts';

const DEVICES_TIMEOUT_MS = 20_000;

/** @throws KernelFailure */
export async function listDevices(
  kernel: Kernel,
): Promise<{ devices: KernelDevice[]; cuda_unavailable_reason: string | null }> {
  const { header } = await kernel.request({ type: 'devices' }, { timeoutMs: DEVICES_TIMEOUT_MS });
  return { devices: header.devices, cuda_unavailable_reason: header.cuda_unavailable_reason };
}
