// GET /tasks/{id}/events and /logs/stream: the present state, then what is stored, then live. A client that reads too slowly
// is not buffered for: it misses frames and progress, and gets steps and log lines from the store once it has caught up.
import type { Request, Response } from 'express';
import type { TaskEvent } from '../../../contracts/event.ts';
import type { LogLevel, LogLine } from '../../../contracts/log.ts';
import { isFinalStatus } from '../../../contracts/task-status.ts';
import type { TaskEvents } from '../../queue/task-events.ts';
import type { Numbered, TaskHistoryStore } from '../../store/task-history.ts';
import { encodeEvent, encodeOnce, lastEventId, openEventStream } from '../event-stream.ts';
import type { EventStream } from '../event-stream.ts';

/** Stored events that are read at a time. */
const PAGE = 1000;

type StateEvent = Extract<TaskEvent, { type: 'state' }>;

export interface TaskEventSource {
  task_id: string;
  history: TaskHistoryStore;
  events: TaskEvents;
  currentState: () => StateEvent;
  /** Only log lines of these levels, and the states; without it, everything. */
  log_levels?: readonly LogLevel[];
}

export function streamTaskEvents(request: Request, response: Response, source: TaskEventSource): void {
  if (request.method === 'HEAD') {
    // Without a body there is nothing to wait for.
    response.type('text/event-stream').end();
    return;
  }
  const stream = openEventStream(response);
  // A failure here can only be the store's; the client reconnects and gets the error as a status.
  follow(stream, source, lastEventId(request) ?? 0).catch(() => response.destroy());
}

async function follow(stream: EventStream, source: TaskEventSource, after: number): Promise<void> {
  const { task_id, history, currentState, log_levels } = source;
  let last = after;
  // The state of a task that has ended comes last: it tells the client that nothing follows.
  if (!isFinalStatus(currentState().status)) stream.send('state', currentState(), null);
  while (!stream.isClosed()) {
    const steps = log_levels === undefined ? history.stepsAfter(task_id, last, PAGE) : [];
    const page = mergeBySequence(steps, history.logsAfter(task_id, last, PAGE));
    if (page.length > 0) {
      for (const numbered of page) sendNumbered(stream, source, numbered);
      last = page.at(-1)?.sequence ?? last;
    } else {
      // Nothing is awaited between this page and the subscription, so nothing can fall between them.
      const state = currentState();
      stream.send('state', state, null);
      if (isFinalStatus(state.status)) {
        stream.end();
        return;
      }
      sendFrame(stream, source);
      last = await passOn(stream, source, last);
    }
    await stream.drained();
  }
}

/**
 * Live events until the task has ended, the client is gone, or it is too far behind.
 * @returns the number of the last event that was sent
 */
function passOn(stream: EventStream, source: TaskEventSource, last: number): Promise<number> {
  return new Promise((resolve) => {
    let sent = last;
    const stop = (): void => {
      unsubscribe();
      forgetClose();
      resolve(sent);
    };
    const unsubscribe = source.events.subscribe(source.task_id, (news) => {
      for (const numbered of news) {
        if (stream.isBehind()) {
          stop();
          return;
        }
        sendNumbered(stream, source, numbered);
        sent = numbered.sequence;
        if (numbered.event.type === 'state' && isFinalStatus(numbered.event.status)) {
          stop();
          stream.end();
          return;
        }
      }
    });
    const forgetClose = stream.onClose(stop);
  });
}

/** A frame of a large structure is a megabyte; it is written out once, however many clients look at it. */
const encodeNumbered = encodeOnce<Numbered<TaskEvent>>(({ sequence, event }) =>
  encodeEvent(event.type, event, sequence),
);

function sendNumbered(stream: EventStream, { log_levels }: TaskEventSource, numbered: Numbered<TaskEvent>): void {
  const { event } = numbered;
  const isWanted =
    log_levels === undefined || event.type === 'state' || (event.type === 'log' && log_levels.includes(event.level));
  if (isWanted) stream.sendEncoded(encodeNumbered(numbered));
}

/** What a running task looked like last, so that a page that is opened now draws it at once. */
function sendFrame(stream: EventStream, { task_id, events, log_levels }: TaskEventSource): void {
  if (log_levels !== undefined) return;
  const frame = events.lastFrame(task_id);
  if (frame !== null) stream.send('frame', frame.event, null);
}

function mergeBySequence(
  steps: readonly Numbered<TaskEvent>[],
  logs: readonly Numbered<LogLine>[],
): Numbered<TaskEvent>[] {
  const lines = logs.map(({ sequence, event }): Numbered<TaskEvent> => ({
    sequence,
    event: { type: 'log', ...event },
  }));
  // A full page of one kind may end before the other kind's page: what lies beyond it comes with the next one.
  const ends = [steps, lines].filter((page) => page.length === PAGE).map((page) => page.at(-1)?.sequence ?? 0);
  const end = Math.min(Number.POSITIVE_INFINITY, ...ends);
  return [...steps, ...lines].filter(({ sequence }) => sequence <= end).sort((a, b) => a.sequence - b.sequence);
}
