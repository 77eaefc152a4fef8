// The event stream of the task on screen, applied in batches: a fast relaxation sends thousands of steps per second.
import { useEffect, useState } from 'react';
import { taskEventSchema } from '../../contracts/event.ts';
import type { TaskEvent } from '../../contracts/event.ts';
import { isFinalStatus } from '../../contracts/task-status.ts';
import type { TaskStatus } from '../../contracts/task-status.ts';
import { followEvents } from './event-stream.ts';
import type { StreamPhase } from './event-stream.ts';
import type { ApiFailure } from './failure.ts';
import { applyEvents, EMPTY_FEED } from './task-feed.ts';
import type { TaskFeed } from './task-feed.ts';

export interface FollowedTask {
  readonly feed: TaskFeed;
  readonly phase: StreamPhase;
  readonly failure: ApiFailure | null;
}

/** Fast enough for the eye, slow enough that plots and log are not redrawn for every step; also runs in a hidden tab. */
const BATCH_MS = 80;

const START: FollowedTask = { feed: EMPTY_FEED, phase: 'connecting', failure: null };

/** The component that uses this is keyed by the task, so that one task's feed never shows in another. */
export function useTaskFeed(taskId: string): FollowedTask {
  const [followed, setFollowed] = useState<FollowedTask>(START);

  useEffect(() => {
    const controller = new AbortController();
    let pending: TaskEvent[] = [];
    let scheduled: ReturnType<typeof setTimeout> | null = null;
    let latestStatus: TaskStatus | null = null;

    function flush(): void {
      scheduled = null;
      const events = pending;
      pending = [];
      setFollowed((current) => ({ ...current, feed: applyEvents(current.feed, events) }));
    }

    void followEvents({
      path: `/tasks/${encodeURIComponent(taskId)}/events`,
      schema: taskEventSchema,
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === 'state') latestStatus = event.status;
        pending.push(event);
        scheduled ??= setTimeout(flush, BATCH_MS);
      },
      onPhase: (phase, failure) => {
        setFollowed((current) => ({ ...current, phase, failure }));
      },
      isComplete: () => latestStatus !== null && isFinalStatus(latestStatus),
    });

    return () => {
      controller.abort();
      if (scheduled !== null) clearTimeout(scheduled);
    };
  }, [taskId]);

  return followed;
}
