// A lab script that listens for webhooks, and remembers every call.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const callSchema = z.object({ event: z.string(), task_id: z.string(), status: z.string() });

export interface WebhookCall extends z.infer<typeof callSchema> {
  delivery_id: string;
}

export interface WebhookReceiver {
  url: string;
  calls: readonly WebhookCall[];
  close(): Promise<void>;
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const calls: WebhookCall[] = [];
  const server = createServer((request, response) => {
    void request.toArray().then(
      (chunks: Uint8Array[]) => {
        const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
        calls.push({ ...callSchema.parse(body), delivery_id: String(request.headers['x-mofsim-delivery']) });
        response.writeHead(204).end();
      },
      () => {
        // The service was killed while it called: the call does not count.
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    calls,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
