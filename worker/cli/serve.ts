// `mofsim serve`: the service without a window, until SIGINT or SIGTERM.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { locateKernel } from '../kernel-client/locate-kernel.ts';
import { forkChild } from '../pool/start-child.ts';
import { keepMemorySmall } from '../processes/keep-memory-small.ts';
import { createLineLogger } from '../logger.ts';
import { createService } from '../service/service.ts';
import { RENDERER_FOLDER, RESOURCES_FOLDER, defaultHome } from './paths.ts';
import { onStopSignal } from './stop-signal.ts';

export async function serve(options: { port: number; home?: string }): Promise<void> {
  keepMemorySmall();
  const home = options.home === undefined ? defaultHome() : resolve(options.home);
  const preset = process.env.MOFSIM_API_KEY;
  const hasPage = existsSync(join(RENDERER_FOLDER, 'index.html'));
  const service = createService({
    home,
    port: options.port,
    ...(preset === undefined || preset === '' ? {} : { apiKey: preset }),
    resourcesFolder: RESOURCES_FOLDER,
    rendererFolder: hasPage ? RENDERER_FOLDER : null,
    kernelPath: locateKernel(),
    startChild: forkChild,
    logger: createLineLogger((line) => process.stderr.write(`${line}\n`)),
  });
  const stopSignal = new Promise<void>((resolve) => onStopSignal(resolve));
  try {
    const { url, apiKey } = await service.start();
    console.log(`MOFSimBench is at ${url}/#key=${encodeURIComponent(apiKey)}`);
    console.log(
      preset === undefined ? `The API key lies in ${join(home, 'api-key')}` : 'The API key is MOFSIM_API_KEY',
    );
    if (!hasPage) console.log('The page is not built: npm run build:app builds it. The API works without it.');
    await stopSignal;
  } finally {
    await service.stop();
  }
}
