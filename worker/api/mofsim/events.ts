// /events, /system/logs/stream and /tasks/{id}/logs/stream. The events of one task stand with the tasks.
import { z } from 'zod';
import { logEventSchema, serviceEventSchema } from '../../../contracts/event.ts';
import { logLevelSchema, logLineSchema } from '../../../contracts/log.ts';
import type { LogLevel, LogLine } from '../../../contracts/log.ts';
import type { TaskEvents } from '../../queue/task-events.ts';
import type { TaskService } from '../../service/task-service.ts';
import type { Store } from '../../store/store.ts';
import type { NumberedItem } from '../../service/event-ring.ts';
import type { OwnedEvent, ServiceEvents } from '../../service/service-events.ts';
import type { ServiceLog } from '../../service/service-log.ts';
import { encodeEvent, encodeOnce } from '../event-stream.ts';
import { rawRoute } from './route.ts';
import type { Route } from './route.ts';
import { streamRing } from './stream-ring.ts';
import { streamTaskEvents } from './stream-task-events.ts';

export interface EventRouteParts {
  tasks: TaskService;
  store: Store;
  events: TaskEvents;
  serviceEvents: ServiceEvents;
  serviceLog: ServiceLog;
}

/** Lines that a client gets which has seen none yet. */
const FIRST_LINES = 100;
const STREAM = { method: 'get', tag: 'events', limit: 'status', media_type: 'text/event-stream' } as const;

export const logStreamQuerySchema = z.object({
  /** This level and the graver ones. */
  level: logLevelSchema.default('DEBUG'),
});

export function createEventRoutes(parts: EventRouteParts): Route[] {
  return [serviceEventsRoute(parts), serviceLogRoute(parts), taskLogRoute(parts)];
}

function serviceEventsRoute({ serviceEvents }: EventRouteParts): Route {
  const encode = encodeOnce<NumberedItem<OwnedEvent>>(({ number, item: { event } }) =>
    encodeEvent(event.type, event, number),
  );
  return rawRoute(
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
        encode,
        first: () => serviceEvents.ring.lastNumber(),
        onGap: (stream) => {
          const number = serviceEvents.ring.lastNumber();
          stream.send('reset', { type: 'reset' }, number);
          return number;
        },
      });
    },
  );
}

function serviceLogRoute({ serviceLog: { ring } }: EventRouteParts): Route {
  const encode = encodeOnce<NumberedItem<LogLine>>(({ number, item }) => encodeEvent('log', item, number));
  const beforeLatest = (): number => (ring.latest(FIRST_LINES)[0]?.number ?? ring.lastNumber() + 1) - 1;
  return rawRoute(
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
      const levels = levelsFrom(query.level);
      const isForClient = ({ level }: LogLine) => levels.includes(level);
      streamRing(request, response, { ring, isForClient, encode, first: beforeLatest, onGap: beforeLatest });
    },
  );
}

function taskLogRoute({ tasks, store, events }: EventRouteParts): Route {
  return rawRoute(
    {
      ...STREAM,
      path: '/tasks/{task_id}/logs/stream',
      operation: 'streamTaskLog',
      summary: { zh: '任务日志流', en: 'Server-sent log lines of a task, and its states' },
      description: 'From the beginning, or after `Last-Event-ID`; ends with the final `state`.',
      scope: 'read',
      query: logStreamQuerySchema,
      response: logEventSchema,
      errors: [40401],
    },
    ({ caller, params, query, request, response }) => {
      const { task_id } = tasks.get(caller.owner, params.task_id);
      const currentState = () => {
        const { status, progress, error } = tasks.get(caller.owner, task_id);
        return { type: 'state' as const, status, progress, error };
      };
      const log_levels = levelsFrom(query.level);
      streamTaskEvents(request, response, { task_id, history: store.history, events, currentState, log_levels });
    },
  );
}

/** This level and the graver ones. */
function levelsFrom(level: LogLevel): readonly LogLevel[] {
  return logLevelSchema.options.slice(logLevelSchema.options.indexOf(level));
}
