// Ctrl-C and a supervisor's request to end, as a promise.

/** Settles on the first SIGINT or SIGTERM; the second one ends the process at once. */
export function waitForStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
}
