// The task process's end of the channel to the service: `process.send` under fork, `parentPort` under Electron's
// utility process. Nobody else knows which one it is.
import { toTaskProcessSchema } from '../../contracts/task-process-message.ts';
import type { FromTaskProcess, ToTaskProcess } from '../../contracts/task-process-message.ts';

export interface Channel {
  /** Settles when the message has left this process, so that a slow service slows us and not our memory. */
  send: (message: FromTaskProcess) => Promise<void>;
  onMessage: (listener: (message: ToTaskProcess) => void) => void;
  /** The service is gone. */
  onClose: (listener: () => void) => void;
}

/** What Electron adds to `process` in a utility process; the part of it that we use. */
interface UtilityParentPort {
  postMessage: (message: unknown) => void;
  on: (event: 'message', listener: (event: { data: unknown }) => void) => void;
}

interface UtilityProcess {
  parentPort?: UtilityParentPort;
}

export function openChannel(host: NodeJS.Process & UtilityProcess = process): Channel {
  if (host.parentPort !== undefined) return utilityChannel(host.parentPort);
  if (host.send !== undefined) return forkChannel(host);
  throw new Error('This program is started by the service, which talks to it. Use `mofsim run` to run a task by hand.');
}

function forkChannel(host: NodeJS.Process): Channel {
  return {
    send: (message) =>
      new Promise((resolve) => {
        // A closed channel is told by `disconnect`; a message that nobody can read any more is not an error.
        host.send?.(message, undefined, undefined, () => {
          resolve();
        });
      }),
    onMessage: (listener) => {
      host.on('message', (message: unknown) => {
        listener(toTaskProcessSchema.parse(message));
      });
    },
    onClose: (listener) => {
      host.once('disconnect', listener);
    },
  };
}

/** Electron ends a utility process together with its parent, so `onClose` has nothing to wait for. */
function utilityChannel(port: UtilityParentPort): Channel {
  return {
    send: (message) => {
      port.postMessage(message);
      return Promise.resolve();
    },
    onMessage: (listener) => {
      port.on('message', ({ data }) => {
        listener(toTaskProcessSchema.parse(data));
      });
    },
    onClose: () => undefined,
  };
}
