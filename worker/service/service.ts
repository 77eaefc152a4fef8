// Where the parts are built and joined. Whoever wants the service (the command line, the Electron shell, a test) starts here.
import { recordLatency } from '../api/record-latency.ts';
import { createHttpServer } from '../api/http-server.ts';
import type { HttpServer } from '../api/http-server.ts';
import { createMofsimRouter } from '../api/mofsim/router.ts';
import { MAX_BATCH_TASKS } from '../../contracts/task.ts';
import { MODELS } from '../models/catalogue.ts';
import { allowedGpus } from '../pool/allowed-gpus.ts';
import { DEVICE_ORDER, discoverDevices } from '../pool/discover-devices.ts';
import { createGpuWatch } from '../pool/gpu-watch.ts';
import { LocalSlot } from '../pool/local-slot.ts';
import type { LocalSlotOptions } from '../pool/local-slot.ts';
import { foreignProcesses } from '../pool/own-processes.ts';
import { createPool } from '../pool/pool.ts';
import type { Pool } from '../pool/pool.ts';
import type { SlotPlan } from '../pool/slot-plan.ts';
import { groupLimits } from '../pool/task-group.ts';
import type { StartChild } from '../pool/start-child.ts';
import { inheritedEnvironment } from '../processes/inherited-environment.ts';
import { createQueue } from '../queue/queue.ts';
import type { Queue } from '../queue/queue.ts';
import { createTaskEvents } from '../queue/task-events.ts';
import type { AutomaticBackups } from '../store/automatic-backups.ts';
import type { Checkpoints } from '../store/checkpoints.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { createAlertService } from './alert-service.ts';
import type { AlertService } from './alert-service.ts';
import { atMostEvery } from './at-most-every.ts';
import { createAudit } from './audit.ts';
import { readConfiguration } from './configuration.ts';
import type { Configuration } from './configuration.ts';
import { createCredentials } from './credentials.ts';
import type { Credentials } from './credentials.ts';
import { followTasks, tellPauses } from './follow-tasks.ts';
import { unavailableReason } from '../workflows/registry.ts';
import type { Logger } from '../logger.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { createServiceEvents } from './service-events.ts';
import { createServiceLog } from './service-log.ts';
import { readOwnStructure, readUntrustedStructure } from './read-structure.ts';
import { removeServiceAddress, writeServiceAddress } from './service-address.ts';
import { createStructureLibrary } from './structure-library.ts';
import { createModelService } from './model-service.ts';
import { MAX_STRUCTURE_FILE_BYTES } from './limits.ts';
import { createLatencyRecorder } from './latency-recorder.ts';
import { createCampaignService } from './campaigns/campaign-service.ts';
import type { CampaignService } from './campaigns/campaign-service.ts';
import { createSubmitTasks } from './submit-tasks.ts';
import { createSystemService } from './system-service.ts';
import { createInputFiles } from './input-files.ts';
import { createExportTask } from './export-task.ts';
import { createTaskInputs } from './task-inputs.ts';
import { createTaskResults } from './task-results.ts';
import { createTaskService } from './task-service.ts';
import { openSecretBox } from '../webhooks/secret-box.ts';
import { createWebhooks } from './webhooks.ts';
import type { Webhooks } from './webhooks.ts';
import { APPLICATION_VERSION } from '../version.ts';

export interface ServiceOptions {
  /** The data folder; made when it is missing. */
  home: string;
  /** 0 = a free one. */
  port: number;
  /** For this run; without it the first key is made once and lies in `home/api-key` (mode 0600). */
  apiKey?: string;
  resourcesFolder: string;
  /** The built page, served at /; null when there is none. */
  rendererFolder: string | null;
  kernelPath: string;
  /** Default: the one on the PATH. */
  nvidiaSmiPath?: string;
  startChild: StartChild;
  /** Entry of the task process; the default is its source, bundles say where theirs lies. */
  taskProcessEntry?: URL;
  logger: Logger;
}

export interface Service {
  /** @throws StoreError when the data folder cannot be used; Error when the port cannot be had */
  start(): Promise<{ url: string; apiKey: string }>;
  /** What runs is interrupted and waits again at the next start. */
  stop(): Promise<void>;
  /** Full rights, in memory only: for the window. Only while the service runs. */
  createSessionToken(): string;
}

interface Running {
  url: string;
  apiKey: string;
  credentials: Credentials;
  /** In the order in which they were started. */
  alerts: AlertService;
  pool: Pool;
  server: HttpServer;
  webhooks: Webhooks;
  backups: AutomaticBackups;
  checkpoints: Checkpoints;
  campaigns: CampaignService;
  queue: Queue;
  store: Store;
}

const API_PATH = '/api/v1';
const GPU_EVENTS_EVERY_MS = 1_000;
const PROCESSES_MAX_AGE_MS = 5_000;
const BYTES_PER_MB = 1024 * 1024;
const TASK_PROCESS_SOURCE = new URL('../task-process/main.ts', import.meta.url);

export function createService(options: ServiceOptions): Service {
  let starting: Promise<Running> | null = null;
  let running: Running | null = null;
  let stopping: Promise<void> | null = null;

  return {
    start: async () => {
      starting ??= startParts(options).catch((error: unknown) => {
        starting = null;
        throw error;
      });
      running = await starting;
      return { url: running.url, apiKey: running.apiKey };
    },

    stop: async () => {
      if (starting === null) return;
      const started = starting;
      // A start that failed has closed what it had opened.
      stopping ??= started
        .then(stopParts, () => undefined)
        .finally(() => {
          starting = null;
          running = null;
          stopping = null;
        });
      await stopping;
    },

    createSessionToken: () => {
      if (running === null)
        throw new Error('The service is not running; start() it before asking for a session token.');
      return running.credentials.createSessionToken();
    },
  };
}

async function startParts(options: ServiceOptions): Promise<Running> {
  const { home, port, resourcesFolder, rendererFolder } = options;
  const now = () => new Date();
  const serviceLog = createServiceLog(options.logger, now);
  const { logger } = serviceLog;
  const serviceEvents = createServiceEvents(now());
  const configuration = await readConfiguration(home, process.env);
  const store = openStore(home);
  try {
    const events = createTaskEvents();
    let address: string | null = null;
    const baseUrl = (): string => {
      if (address === null) throw new Error('The service does not listen yet.');
      return address;
    };
    const allowedHosts = configuration.webhook_allowed_hosts;
    const secrets = await openSecretBox(store, logger);
    const webhooks = createWebhooks({ store, secrets, allowedHosts, baseUrl, logger, now });
    const maxQueueSize = configuration.max_queue_size;
    const inTransaction = [webhooks.record];
    const queue = createQueue({ store, events, now, maxQueueSize, inTransaction });
    queue.onMove(webhooks.onMove);
    followTasks({ queue, events, serviceEvents, elapsedMs: () => performance.now() });
    const structures = createStructureLibrary({
      store,
      resourcesFolder,
      readUpload: readUntrustedStructure,
      readBuiltin: readOwnStructure,
      now,
    });
    const models = createModelService({ store, pool: () => pool, logger, now });
    const inputFiles = createInputFiles(store);
    const results = createTaskResults(store, inputFiles, readOwnStructure);
    const inputs = createTaskInputs({ store, queue, structures, inputFiles, results, models });
    const watch = createGpuWatch(options.nvidiaSmiPath);
    const pool = createPool({
      store,
      queue,
      discover: (visible) => discoverDevices(options.kernelPath, visible),
      watch,
      isAllowed: allowedGpus(process.env.CUDA_VISIBLE_DEVICES),
      readInput: inputs.ready,
      createExecutor: (plan) =>
        createLocalSlot({ ...options, logger, importedModel: models.imported }, plan, configuration),
      groupLimits: (plan) => groupLimits(configuration.tasks_per_group, plan),
      logger,
    });
    const audit = createAudit(store, now);
    audit.recordConfiguration(configuration);
    const credentials = createCredentials({ store, audit, now });
    const rateLimiter = createRateLimiter(configuration.rate_limits, () => performance.now());
    const submission = {
      store,
      queue,
      inputs,
      models,
      unavailableReason,
      checkWebhook: webhooks.service.check,
      secrets,
      inTransaction,
      now,
    };
    const tasks = createTaskService({
      ...submission,
      pool,
      results,
      inputFiles,
      exportTask: createExportTask({ store, structures, inputFiles, models, now }),
      onChanged: (owner, { task_id, status, progress }) => {
        serviceEvents.publish(owner, { type: 'task', task_id, status, progress, previous_status: status });
      },
      onRemoved: (owner, task_id) => {
        serviceEvents.publish(owner, { type: 'task_deleted', task_id });
        campaigns.taskRemoved(task_id);
      },
    });
    const campaigns = createCampaignService({
      store,
      queue,
      pool,
      tasks,
      submitTasks: createSubmitTasks(submission),
      structures,
      models,
      results,
      logger,
      now,
      onChanged: (owner, campaign_id) => {
        serviceEvents.publish(owner, { type: 'campaign', campaign_id });
      },
      onRemoved: (owner, campaign_id) => {
        serviceEvents.publish(owner, { type: 'campaign_deleted', campaign_id });
      },
    });
    const system = createSystemService({
      store,
      queue: tellPauses(queue, serviceEvents),
      pool,
      otherProcesses: async () => foreignProcesses(await watch.processes(PROCESSES_MAX_AGE_MS), options.kernelPath),
      config: {
        version: APPLICATION_VERSION,
        rate_limits: configuration.rate_limits,
        max_upload_bytes: MAX_STRUCTURE_FILE_BYTES,
        max_atoms: Math.max(...MODELS.map(({ max_atoms }) => max_atoms)),
        max_batch_tasks: MAX_BATCH_TASKS,
        max_queue_size: configuration.max_queue_size,
        checkpoint_interval_seconds: configuration.checkpoint_interval_seconds,
        webhook_allowed_hosts: [...configuration.webhook_allowed_hosts],
        tasks_per_group: configuration.tasks_per_group,
      },
      now,
    });
    const latency = createLatencyRecorder(() => performance.now());
    const alerts = createAlertService({
      store,
      pool,
      queue,
      latency,
      onAlert: (alert) => {
        serviceEvents.publish(null, { type: 'alert', ...alert });
      },
      logger,
      now,
    });
    const tellGpus = atMostEvery(GPU_EVENTS_EVERY_MS, () => {
      serviceEvents.publish(null, { type: 'gpus' });
    });
    pool.onChange(tellGpus.call);
    const mofsim = createMofsimRouter({
      credentials,
      audit,
      webhooks: webhooks.service,
      rateLimiter,
      structures,
      tasks,
      campaigns,
      system,
      alerts,
      models,
      store,
      events,
      serviceEvents,
      serviceLog,
      logger,
    });
    const dialects = { [API_PATH]: recordLatency(mofsim, latency) };
    const server = createHttpServer({ port, dialects, rendererFolder, logger });

    const apiKey = await credentials.prepareFirstKey(options.apiKey);
    await models.start();
    await tasks.start();
    queue.reconcile();
    await campaigns.prepare();
    const { url } = await server.listen();
    address = url;
    webhooks.start();
    campaigns.start();
    await writeServiceAddress(home, url);
    pool.start();
    alerts.start();
    const warn = (message: string): void => {
      logger.warn(message);
    };
    const checkpoints = store.checkpoints(warn);
    checkpoints.start();
    const backups = store.automaticBackups(now, warn);
    void backups.start();
    logger.info(`The service answers at ${url}.`, { home });
    return { url, apiKey, credentials, alerts, pool, server, webhooks, backups, checkpoints, campaigns, queue, store };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** No new requests, then no computation, then no store: nothing is told to something that is gone. */
async function stopParts(running: Running): Promise<void> {
  const { server, alerts, pool, webhooks, backups, checkpoints, campaigns, queue, store } = running;
  await campaigns.stop();
  queue.drain();
  await removeServiceAddress(store.home);
  await server.close();
  alerts.stop();
  await pool.stop();
  await webhooks.stop();
  await backups.stop();
  await checkpoints.stop();
  store.close();
}

function createLocalSlot(
  options: ServiceOptions & Pick<LocalSlotOptions, 'importedModel'>,
  { label, device, gpu_uuid, memory_limit_mb }: SlotPlan,
  { checkpoint_interval_seconds }: Configuration,
): LocalSlot {
  return new LocalSlot({
    label,
    // Its processes see one GPU, number 0, or none.
    deviceInside: gpu_uuid === null ? 'cpu' : 'cuda:0',
    entry: options.taskProcessEntry ?? TASK_PROCESS_SOURCE,
    env: {
      ...inheritedEnvironment(process.env),
      ...DEVICE_ORDER,
      MOFSIM_KERNEL: options.kernelPath,
      CUDA_VISIBLE_DEVICES: device.uuid ?? '',
    },
    startChild: options.startChild,
    checkpoint_interval_seconds,
    memory_limit_bytes: memory_limit_mb === null ? null : memory_limit_mb * BYTES_PER_MB,
    ...(options.importedModel === undefined ? {} : { importedModel: options.importedModel }),
    logger: options.logger,
  });
}
