// `mofsim devices`: what the kernel can compute on.
import { listDevices } from '../kernel-client/devices.ts';
import { printJson, printTable } from './print.ts';
import { withKernel } from './with-kernel.ts';

export async function devices(options: { json?: true }): Promise<void> {
  const found = await withKernel(listDevices);
  if (options.json === true) {
    printJson(found);
    return;
  }
  printTable(
    found.devices.map(({ device, name, memory_total_bytes, memory_free_bytes }) => [
      device,
      name,
      `${gibibytes(memory_free_bytes)} of ${gibibytes(memory_total_bytes)} GiB free`,
    ]),
  );
  if (found.cuda_unavailable_reason !== null) console.log(`No GPU: ${found.cuda_unavailable_reason}`);
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
