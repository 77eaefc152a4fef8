// The last lines of the service's own log, beside wherever the log goes.
import type { LogLevel, LogLine } from '../../contracts/log.ts';
import type { Logger } from '../logger.ts';
import { createEventRing } from './event-ring.ts';
import type { EventRing } from './event-ring.ts';

const MAX_KEPT = 2000;

export interface ServiceLog {
  /** Passes everything on. */
  logger: Logger;
  ring: EventRing<LogLine>;
}

export function createServiceLog(target: Logger, now: () => Date): ServiceLog {
  const ring = createEventRing<LogLine>(now(), MAX_KEPT);
  const keep = (level: LogLevel, message: string, context: Readonly<Record<string, unknown>> = {}): void => {
    ring.append({ timestamp: now().toISOString(), level, message, context });
  };
  return {
    logger: {
      info: (message, context) => {
        keep('INFO', message, context);
        target.info(message, context);
      },
      warn: (message, context) => {
        keep('WARNING', message, context);
        target.warn(message, context);
      },
      error: (message, context) => {
        keep('ERROR', message, context);
        target.error(message, context);
      },
    },
    ring,
  };
}
