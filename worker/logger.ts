// What the service tells the person who runs it. Keys and file contents never go here.

export interface Logger {
  info(message: string, context?: Readonly<Record<string, unknown>>): void;
  warn(message: string, context?: Readonly<Record<string, unknown>>): void;
  error(message: string, context?: Readonly<Record<string, unknown>>): void;
}

/** One JSON object per line: time, level, message, context. */
export function createLineLogger(writeLine: (line: string) => void): Logger {
  const at =
    (level: string) =>
    (message: string, context: Readonly<Record<string, unknown>> = {}) => {
      writeLine(JSON.stringify({ time: new Date().toISOString(), level, message, ...context }));
    };
  return { info: at('INFO'), warn: at('WARNING'), error: at('ERROR') };
}
