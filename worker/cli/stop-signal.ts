// Ctrl-C, a supervisor's request to end, and a closed terminal.

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `listener` on the first of these signals; the next one of the same kind ends the process at once.
 *
 * @returns stops listening
 */
export function onStopSignal(listener: () => void): () => void {
  for (const signal of STOP_SIGNALS) process.once(signal, listener);
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, listener);
  };
}
