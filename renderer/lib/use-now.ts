import { useEffect, useState } from 'react';

/** The present, renewed while something on screen counts time. */
export function useNow(isTicking: boolean, intervalMs: number): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    if (!isTicking) return undefined;
    const timer = setInterval(() => {
      setNow(new Date());
    }, intervalMs);
    return () => {
      clearInterval(timer);
    };
  }, [isTicking, intervalMs]);
  return now;
}
