// What happens in the service, told to everything on screen that shows it: the lists are asked again instead of every few seconds.
import { useEffect } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { serviceEventSchema } from '../../contracts/event.ts';
import type { ServiceEvent } from '../../contracts/event.ts';
import { followEvents } from './event-stream.ts';

/** A burst (a batch of a thousand tasks) asks once. */
const SETTLE_MS = 400;

/** First parts of the query keys that an event makes stale. */
const STALE: Readonly<Record<ServiceEvent['type'], readonly string[]>> = {
  reset: ['tasks', 'queue', 'devices', 'alerts', 'campaign-list'],
  task: ['tasks', 'queue'],
  task_deleted: ['tasks', 'queue'],
  campaign: ['campaign-list'],
  campaign_deleted: ['campaign-list'],
  queue: ['queue'],
  gpus: ['devices'],
  alert: ['alerts', 'devices'],
};

export function useServiceEvents(): void {
  const client = useQueryClient();
  useEffect(() => {
    const controller = new AbortController();
    const stale = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | null = null;

    function refresh(): void {
      timer = null;
      for (const key of stale) void client.invalidateQueries({ queryKey: [key] });
      stale.clear();
    }

    void followEvents({
      path: '/events',
      schema: serviceEventSchema,
      signal: controller.signal,
      onEvent: (event) => {
        for (const key of STALE[event.type]) stale.add(key);
        timer ??= setTimeout(refresh, SETTLE_MS);
      },
      onPhase: (phase) => {
        // After a gap anything may have changed.
        if (phase !== 'open') return;
        void client.invalidateQueries({ queryKey: ['tasks', 'list'] });
        void client.invalidateQueries({ queryKey: ['campaign-list'] });
      },
      isComplete: () => false,
    });

    return () => {
      controller.abort();
      if (timer !== null) clearTimeout(timer);
    };
  }, [client]);
}
