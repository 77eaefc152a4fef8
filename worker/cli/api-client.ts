// The REST API from a client's side, with nothing but fetch: what any lab script could do.
import { createWriteStream, openAsBlob } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { EventSourceMessage } from 'eventsource-parser';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { z } from 'zod';
import { apiKeyListSchema, apiKeySchema, createdApiKeySchema } from '../../contracts/api-key.ts';
import type { ApiKey, newApiKeySchema } from '../../contracts/api-key.ts';
import {
  campaignListSchema,
  campaignReceiptSchema,
  campaignSchema,
  campaignScoresSchema,
  campaignTableSchema,
  cancelCampaignReceiptSchema,
  deleteCampaignReceiptSchema,
  retryFailedReceiptSchema,
} from '../../contracts/campaign.ts';
import type {
  Campaign,
  CampaignReceipt,
  CampaignReference,
  CampaignRow,
  CampaignScores,
} from '../../contracts/campaign.ts';
import { errorResponseSchema, successSchema } from '../../contracts/envelope.ts';
import { campaignEventSchema, taskEventSchema } from '../../contracts/event.ts';
import type { TaskEvent } from '../../contracts/event.ts';
import { modelListSchema, modelSchema } from '../../contracts/model.ts';
import type { Model, ModelConfig } from '../../contracts/model.ts';
import { uploadedStructureSchema } from '../../contracts/structure.ts';
import {
  batchCancelReceiptSchema,
  batchReceiptSchema,
  submissionReceiptSchema,
  taskListSchema,
  taskResultSchema,
  taskSchema,
} from '../../contracts/task.ts';
import type { Task } from '../../contracts/task.ts';

/** The service answered, and said no. */
export class ApiError extends Error {
  readonly status: number;
  /** Of a request that came too often; null otherwise. */
  readonly retryAfterSeconds: number | null;

  constructor(status: number, message: string, retryAfterSeconds: number | null = null) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export class ApiClient {
  readonly #base: string;
  readonly #key: string;
  readonly #signal: AbortSignal;

  /** @param signal aborts every request of this client */
  constructor(url: string, key: string, signal: AbortSignal) {
    this.#base = `${url}/api/v1`;
    this.#key = key;
    this.#signal = signal;
  }

  async submit(taskType: string, submission: unknown): Promise<z.infer<typeof submissionReceiptSchema>> {
    return dataOf(submissionReceiptSchema, await (await this.#post(`/tasks/${taskType}`, submission)).json());
  }

  async submitBatch(tasks: readonly unknown[]): Promise<z.infer<typeof batchReceiptSchema>> {
    return dataOf(batchReceiptSchema, await (await this.#post('/tasks/batch', { tasks })).json());
  }

  /** @returns the `file_id` */
  async uploadStructure(filename: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const form = new FormData();
    form.set('file', new Blob([bytes]), filename);
    const response = await this.#fetch('/structures/upload', { method: 'POST', body: form });
    return dataOf(uploadedStructureSchema, await response.json()).file_id;
  }

  async models(): Promise<Model[]> {
    return dataOf(modelListSchema, await (await this.#fetch('/models')).json()).models;
  }

  /** Read from the disk as it is sent. */
  async uploadModel(path: string, config: ModelConfig): Promise<Model> {
    const form = new FormData();
    form.set('config', JSON.stringify(config));
    form.set('model_file', await openAsBlob(path), basename(path));
    return dataOf(modelSchema, await (await this.#fetch('/models/upload', { method: 'POST', body: form })).json());
  }

  async tasks(query: Readonly<Record<string, string>>): Promise<z.infer<typeof taskListSchema>> {
    return dataOf(taskListSchema, await (await this.#fetch(`/tasks?${new URLSearchParams(query).toString()}`)).json());
  }

  async cancelTasks(task_ids: readonly string[]): Promise<z.infer<typeof batchCancelReceiptSchema>> {
    return dataOf(batchCancelReceiptSchema, await (await this.#post('/tasks/batch/cancel', { task_ids })).json());
  }

  async exportTask(task_id: string, path: string): Promise<void> {
    await this.#save(`/tasks/${task_id}/export`, path);
  }

  async task(task_id: string): Promise<Task> {
    return dataOf(taskSchema, await (await this.#fetch(`/tasks/${task_id}`)).json());
  }

  async result(task_id: string): Promise<z.infer<typeof taskResultSchema>> {
    return dataOf(taskResultSchema, await (await this.#fetch(`/tasks/${task_id}/result`)).json());
  }

  /** Every event of a task from its beginning; ends when the service closes the stream. */
  async *events(task_id: string): AsyncGenerator<TaskEvent> {
    for await (const { data } of this.#messages(`/tasks/${task_id}/events`))
      yield taskEventSchema.parse(JSON.parse(data));
  }

  async download(task_id: string, filename: string, path: string): Promise<void> {
    await this.#save(`/files/${task_id}/${encodeURIComponent(filename)}`, path);
  }

  async submitCampaign(submission: unknown): Promise<CampaignReceipt> {
    return dataOf(campaignReceiptSchema, await (await this.#post('/campaigns', submission)).json());
  }

  async campaigns(): Promise<z.infer<typeof campaignListSchema>> {
    return dataOf(campaignListSchema, await (await this.#fetch('/campaigns?page_size=100')).json());
  }

  async campaign(campaign_id: string): Promise<Campaign> {
    return dataOf(campaignSchema, await (await this.#fetch(`/campaigns/${campaign_id}`)).json());
  }

  /** The campaign now and after each change, until it has ended. @throws ApiError when it is deleted meanwhile */
  async *campaignEvents(campaign_id: string): AsyncGenerator<Campaign> {
    for await (const { data } of this.#messages(`/campaigns/${campaign_id}/events`)) {
      const event = campaignEventSchema.parse(JSON.parse(data));
      if (event.type === 'campaign_deleted') throw new ApiError(404, `${campaign_id} has been deleted.`);
      yield campaignSchema.parse(event);
    }
  }

  /** All pages of the table. */
  async campaignRows(campaign_id: string, status?: string): Promise<CampaignRow[]> {
    const rows: CampaignRow[] = [];
    for (let page = 1, n_pages = 1; page <= n_pages; page++) {
      const query = new URLSearchParams({ page: String(page), page_size: '1000' });
      if (status !== undefined) query.set('status', status);
      const response = await this.#fetch(`/campaigns/${campaign_id}/table?${query.toString()}`);
      const table = dataOf(campaignTableSchema, await response.json());
      rows.push(...table.rows);
      n_pages = table.pagination.total_pages;
    }
    return rows;
  }

  async campaignScores(campaign_id: string): Promise<CampaignScores> {
    return dataOf(campaignScoresSchema, await (await this.#fetch(`/campaigns/${campaign_id}/scores`)).json());
  }

  async setCampaignReference(campaign_id: string, reference: readonly CampaignReference[]): Promise<void> {
    await this.#send('PUT', `/campaigns/${campaign_id}/reference`, { reference });
  }

  async cancelCampaign(campaign_id: string): Promise<z.infer<typeof cancelCampaignReceiptSchema>> {
    return dataOf(cancelCampaignReceiptSchema, await (await this.#post(`/campaigns/${campaign_id}/cancel`, {})).json());
  }

  async retryCampaign(campaign_id: string): Promise<z.infer<typeof retryFailedReceiptSchema>> {
    const response = await this.#post(`/campaigns/${campaign_id}/retry-failed`, {});
    return dataOf(retryFailedReceiptSchema, await response.json());
  }

  async deleteCampaign(campaign_id: string): Promise<z.infer<typeof deleteCampaignReceiptSchema>> {
    const response = await this.#fetch(`/campaigns/${campaign_id}`, { method: 'DELETE' });
    return dataOf(deleteCampaignReceiptSchema, await response.json());
  }

  async saveCampaignTable(campaign_id: string, path: string): Promise<void> {
    await this.#save(`/campaigns/${campaign_id}/table.csv`, path);
  }

  async saveCampaignReport(campaign_id: string, path: string): Promise<void> {
    await this.#save(`/campaigns/${campaign_id}/report.html`, path);
  }

  async listKeys(): Promise<ApiKey[]> {
    return dataOf(apiKeyListSchema, await (await this.#fetch('/keys')).json()).keys;
  }

  async createKey(key: z.infer<typeof newApiKeySchema>): Promise<z.infer<typeof createdApiKeySchema>> {
    return dataOf(createdApiKeySchema, await (await this.#post('/keys', key)).json());
  }

  async revokeKey(key_id: string): Promise<ApiKey> {
    const response = await this.#fetch(`/keys/${encodeURIComponent(key_id)}`, { method: 'DELETE' });
    return dataOf(apiKeySchema, await response.json());
  }

  /** Of an event stream, until the service closes it. */
  async *#messages(path: string): AsyncGenerator<EventSourceMessage> {
    const response = await this.#fetch(path, { headers: { accept: 'text/event-stream' } });
    if (response.body === null) throw new Error('The event stream of the service has no body.');
    yield* response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  }

  #post(path: string, body: unknown): Promise<Response> {
    return this.#send('POST', path, body);
  }

  #send(method: 'POST' | 'PUT', path: string, body: unknown): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    return this.#fetch(path, { method, headers, body: JSON.stringify(body) });
  }

  /** Under its name only when it is whole. */
  async #save(path: string, file: string): Promise<void> {
    const response = await this.#fetch(path);
    if (response.body === null) throw new Error(`The service sent no content for ${path}.`);
    const unfinished = `${file}.part`;
    try {
      await pipeline(Readable.fromWeb(response.body), createWriteStream(unfinished, { mode: 0o644 }));
      await rename(unfinished, file);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  async #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${this.#key}`);
    const response = await fetch(this.#base + path, { ...init, headers, signal: this.#signal });
    if (!response.ok) throw await errorOf(response);
    return response;
  }
}

const envelopeSchema = successSchema(z.unknown());

function dataOf<S extends z.ZodType>(schema: S, json: unknown): z.output<S> {
  return schema.parse(envelopeSchema.parse(json).data);
}

async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const { error } = errorResponseSchema.parse(JSON.parse(text));
    const { message } = error.details;
    const sentence = typeof message === 'string' ? message : error.message;
    return new ApiError(response.status, `${sentence} (code ${error.code})`, retryAfter(response));
  } catch {
    return new ApiError(response.status, `The service answered with HTTP ${response.status}: ${text.slice(0, 200)}`);
  }
}

function retryAfter({ status, headers }: Response): number | null {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return status === 429 && Number.isFinite(seconds) ? seconds : null;
}
