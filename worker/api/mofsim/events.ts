// /events and /system/logs/stream: what happens in the whole service.
import { z } from 'zod';
import { serviceEventSchema } from '../../../contracts/event.ts';
import { logLevelSchema, logLineSchema } from '../../../contracts/log.ts';
import type { LogLine } from '../../../contracts/log.ts';
import type { OwnedEvent, ServiceEvents } from '../../service/service-events.ts';
import type { ServiceLog } from '../../service/service-log.ts';
import { encodeEvent } from '../event-stream.ts';
import { rawRoute } from './route.ts';
import type { Route } from './route.ts';
import { encodeOnce, streamRing } from './stream-ring.ts';

export interface EventRouteParts {
  serviceEvents: ServiceEvents;
  serviceLog: ServiceLog;
}

/** Lines that a client gets which has seen none yet. */
const FIRST_LINES = 100;
const STREAM = { method: 'get', tag: 'events', limit: 'other', media_type: 'text/event-stream' } as const;

export const logStreamQuerySchema = z.object({
  /** This level and the graver ones. */
  level: logLevelSchema.default('DEBUG'),
});

export function createEventRoutes({ serviceEvents, serviceLog }: EventRouteParts): Route[] {
  const encodeServiceEvent = encodeOnce<OwnedEvent>(({ number, item: { event } }) =>
    encodeEvent(event.type, event, number),
  );
  const encodeLogLine = encodeOnce<LogLine>(({ number, item }) => encodeEvent('log', item, number));
  return [
    rawRoute(
      {
        ...STREAM,
        path: '/events',
        operation: 'streamEvents',
        summary: { zh: '所有任务与服务的事件流', en: 'Server-sent events of all tasks and of the service' },
        description:
          '`Last-Event-ID` resumes among the last 10 000 events. The event `reset` says that something was missed: read the lists again.',
        scope: 'read',
        response: serviceEventSchema,
        errors: [],
      },
      ({ caller, request, response }) => {
        streamRing(request, response, {
          ring: serviceEvents.ring,
          isForClient: ({ owner }) => owner === null || owner === caller.owner,
          encode: encodeServiceEvent,
          first: () => serviceEvents.ring.lastNumber(),
          onGap: (stream) => {
            const number = serviceEvents.ring.lastNumber();
            stream.send('reset', { type: 'reset' }, number);
            return number;
          },
        });
      },
    ),
    rawRoute(
      {
        ...STREAM,
        path: '/system/logs/stream',
        operation: 'streamServiceLog',
        summary: { zh: '服务日志流', en: 'Server-sent log lines of the service' },
        description: 'The last 100 lines first, then live. `Last-Event-ID` resumes among the last 2000.',
        scope: 'admin',
        query: logStreamQuerySchema,
        response: logLineSchema,
        errors: [],
      },
      ({ query, request, response }) => {
        const { ring } = serviceLog;
        const gravest = logLevelSchema.options.slice(logLevelSchema.options.indexOf(query.level));
        const beforeLatest = (): number => (ring.latest(FIRST_LINES)[0]?.number ?? ring.lastNumber() + 1) - 1;
        streamRing(request, response, {
          ring,
          isForClient: ({ level }) => gravest.includes(level),
          encode: encodeLogLine,
          first: beforeLatest,
          onGap: beforeLatest,
        });
      },
    ),
  ];
}
