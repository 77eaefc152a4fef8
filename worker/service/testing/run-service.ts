// A service in a process of its own, for tests that kill it: run-service.ts HOME RESOURCES KERNEL
// Sends { url, apiKey } once it answers, or { failure } when it could not start.
import { forkChild } from '../../pool/start-child.ts';
import { createService } from '../service.ts';

const [home = '', resourcesFolder = '', kernelPath = ''] = process.argv.slice(2);
const service = createService({
  home,
  port: 0,
  resourcesFolder,
  rendererFolder: null,
  kernelPath,
  startChild: forkChild,
  logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
});
process.on('disconnect', () => void service.stop());
try {
  process.send?.(await service.start());
} catch (error) {
  process.send?.({ failure: error instanceof Error ? error.message : String(error) });
  process.disconnect();
}
