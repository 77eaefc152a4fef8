// What happens in the whole service. In memory: a client that comes back after a restart reads the lists again.
import type { ServiceEvent } from '../../contracts/event.ts';
import { createEventRing } from './event-ring.ts';
import type { EventRing } from './event-ring.ts';

const MAX_KEPT = 10_000;

export interface OwnedEvent {
  /** null: everybody may know. */
  owner: string | null;
  event: ServiceEvent;
}

export interface ServiceEvents {
  /** @param owner whose event it is; null when everybody may know */
  publish(owner: string | null, event: ServiceEvent): void;
  ring: EventRing<OwnedEvent>;
}

export function createServiceEvents(startedAt: Date): ServiceEvents {
  const ring = createEventRing<OwnedEvent>(startedAt, MAX_KEPT);
  return {
    publish: (owner, event) => {
      ring.append({ owner, event });
    },
    ring,
  };
}
