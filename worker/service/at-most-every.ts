// Calls that come in swarms, thinned out: the first at once, the last of a swarm at its end.

/** @returns the thinned call; `stop` forgets the one that is still to come */
export function atMostEvery(intervalMs: number, call: () => void): { call: () => void; stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let isDue = false;
  const run = (): void => {
    isDue = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (isDue) run();
    }, intervalMs);
    timer.unref();
    call();
  };
  return {
    call: () => {
      if (timer === undefined) run();
      else isDue = true;
    },
    stop: () => {
      clearTimeout(timer);
      isDue = false;
    },
  };
}
