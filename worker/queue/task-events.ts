// Who is told what happens to a task while it happens. Nothing is stored here but the last frame of a running task, so that
// a page that is opened later shows the structure at once.
import type { FrameEvent, TaskEvent } from '../../contracts/event.ts';
import type { Numbered } from '../store/task-history.ts';

export type TaskEventListener = (events: readonly Numbered<TaskEvent>[]) => void;

export interface TaskEvents {
  publish(task_id: string, events: readonly Numbered<TaskEvent>[]): void;
  /** Returns the function that ends the subscription. */
  subscribe(task_id: string, listener: TaskEventListener): () => void;
  /** The events of every task. Returns the function that ends the subscription. */
  subscribeToAll(listener: (task_id: string, events: readonly Numbered<TaskEvent>[]) => void): () => void;
  lastFrame(task_id: string): Numbered<FrameEvent> | null;
  forgetFrame(task_id: string): void;
}

export function createTaskEvents(): TaskEvents {
  const listeners = new Map<string, Set<TaskEventListener>>();
  const listenersToAll = new Set<Parameters<TaskEvents['subscribeToAll']>[0]>();
  const lastFrames = new Map<string, Numbered<FrameEvent>>();
  return {
    publish: (task_id, events) => {
      for (const { sequence, event } of events) {
        if (event.type === 'frame') lastFrames.set(task_id, { sequence, event });
      }
      for (const listener of [...(listeners.get(task_id) ?? [])]) listener(events);
      for (const listener of [...listenersToAll]) listener(task_id, events);
    },
    subscribe: (task_id, listener) => {
      const ofTask = listeners.get(task_id) ?? new Set();
      listeners.set(task_id, ofTask.add(listener));
      return () => {
        ofTask.delete(listener);
        if (ofTask.size === 0 && listeners.get(task_id) === ofTask) listeners.delete(task_id);
      };
    },
    subscribeToAll: (listener) => {
      listenersToAll.add(listener);
      return () => {
        listenersToAll.delete(listener);
      };
    },
    lastFrame: (task_id) => lastFrames.get(task_id) ?? null,
    forgetFrame: (task_id) => {
      lastFrames.delete(task_id);
    },
  };
}
