// GET /campaigns/{id}/events: the campaign as it is, then as it becomes. Each event says all, so that a client that reads slowly
// gets the last one and nothing is kept for it.
import type { Request, Response } from 'express';
import type { CampaignEvent } from '../../../contracts/event.ts';
import type { NumberedItem } from '../../service/event-ring.ts';
import { encodeEvent, encodeOnce, lastEventId, openEventStream } from '../event-stream.ts';
import type { EventStream } from '../event-stream.ts';

export interface CampaignEventSource {
  /** The same object until there is a new one. */
  latest: () => NumberedItem<CampaignEvent>;
  onEvent: (listener: () => void) => () => void;
}

export function streamCampaignEvents(request: Request, response: Response, source: CampaignEventSource): void {
  if (request.method === 'HEAD') {
    // Without a body there is nothing to wait for.
    response.type('text/event-stream').end();
    return;
  }
  const stream = openEventStream(response);
  follow(stream, source, lastEventId(request)).catch(() => response.destroy());
}

async function follow(stream: EventStream, source: CampaignEventSource, after: number | null): Promise<void> {
  let sent = after;
  while (!stream.isClosed()) {
    const latest = source.latest();
    const { number, item } = latest;
    const isLast = item.type === 'campaign_deleted' || item.status === 'COMPLETED' || item.status === 'CANCELLED';
    if (isLast || number !== sent) stream.sendEncoded(encode(latest));
    sent = number;
    if (isLast) {
      stream.end();
      return;
    }
    // Nothing is awaited between `latest` and the subscription, so nothing can fall between them.
    await news(stream, source);
    await stream.drained();
  }
}

const encode = encodeOnce<NumberedItem<CampaignEvent>>(({ number, item }) => encodeEvent(item.type, item, number));

/** Settles with the next event, or when the client is gone. */
function news(stream: EventStream, { onEvent }: CampaignEventSource): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      unsubscribe();
      forgetClose();
      resolve();
    };
    const unsubscribe = onEvent(settle);
    const forgetClose = stream.onClose(settle);
  });
}
