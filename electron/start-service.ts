// The service inside the main process, with the places where this installation keeps its parts.
import { app } from 'electron';
import { join } from 'node:path';
import { defaultHome } from '../worker/cli/paths.ts';
import { locateKernel } from '../worker/kernel-client/locate-kernel.ts';
import { createLineLogger } from '../worker/logger.ts';
import { createService } from '../worker/service/service.ts';
import type { Service } from '../worker/service/service.ts';
import { startUtilityChild } from './utility-child.ts';

export interface StartedService {
  url: string;
  createSessionToken: () => string;
  stop: () => Promise<void>;
}

/** The port that `mofsim serve` takes too, so that scripts find either of them. */
const USUAL_PORT = 8377;
const ANY_FREE_PORT = 0;

export async function startService(): Promise<StartedService> {
  const usual = buildService(USUAL_PORT);
  try {
    return await started(usual);
  } catch (error) {
    if (!isPortTaken(error)) throw error;
    return started(buildService(ANY_FREE_PORT));
  }
}

function buildService(port: number): Service {
  const installation = app.isPackaged ? process.resourcesPath : app.getAppPath();
  const preset = process.env.MOFSIM_API_KEY;
  return createService({
    home: defaultHome(),
    port,
    ...(preset === undefined || preset === '' ? {} : { apiKey: preset }),
    resourcesFolder: join(installation, 'resources'),
    rendererFolder: join(app.getAppPath(), 'out', 'renderer'),
    kernelPath: locateKernel(process.env, app.isPackaged ? installation : join(installation, 'out')),
    startChild: startUtilityChild,
    taskProcessEntry: new URL('./task-process.js', import.meta.url),
    logger: createLineLogger((line) => process.stderr.write(`${line}\n`)),
  });
}

async function started(service: Service): Promise<StartedService> {
  const { url } = await service.start();
  return { url, createSessionToken: () => service.createSessionToken(), stop: () => service.stop() };
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
