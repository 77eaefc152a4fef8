// That something of a campaign has changed, told now and then: fifty thousand moves of its tasks must not each be told.

/** At most so often, and rarely enough that telling takes no more than this share of the time. */
const TOLD_EVERY_MS = 1_000;
const MAX_SHARE = 0.05;

export interface CampaignNews {
  /** The first change is told at once, those that come soon after it together. */
  changed(campaign_id: string): void;
  /** Changed, and told without waiting: nothing follows. */
  ended(campaign_id: string): void;
  /** Of the last change that was told. Grows, also from one run of the service to the next. */
  numberOf(campaign_id: string): number;
  /** Returns the function that ends the subscription. */
  subscribe(campaign_id: string, listener: () => void): () => void;
  stop(): void;
}

export interface CampaignNewsParts {
  /** Numbers begin here, in thousandths of ms since 1970. */
  startedAt: Date;
  /** Told before the subscribers. */
  onTold: (campaign_id: string) => void;
  /** Of a clock that is never set, ms. */
  elapsedMs?: () => number;
}

interface Waiting {
  timer: NodeJS.Timeout;
  isDue: boolean;
}

export function createCampaignNews({
  startedAt,
  onTold,
  elapsedMs = () => performance.now(),
}: CampaignNewsParts): CampaignNews {
  const first = startedAt.getTime() * 1000;
  let last = first;
  const numbers = new Map<string, number>();
  const waiting = new Map<string, Waiting>();
  const listeners = new Map<string, Set<() => void>>();

  const tell = (campaign_id: string): void => {
    const before = elapsedMs();
    last += 1;
    numbers.set(campaign_id, last);
    onTold(campaign_id);
    for (const listener of [...(listeners.get(campaign_id) ?? [])]) listener();
    const pause = Math.max(TOLD_EVERY_MS, (elapsedMs() - before) / MAX_SHARE);
    const timer = setTimeout(() => {
      const isDue = waiting.get(campaign_id)?.isDue === true;
      waiting.delete(campaign_id);
      if (isDue) tell(campaign_id);
    }, pause);
    waiting.set(campaign_id, { timer: timer.unref(), isDue: false });
  };

  const forgetWaiting = (campaign_id: string): void => {
    clearTimeout(waiting.get(campaign_id)?.timer);
    waiting.delete(campaign_id);
  };

  return {
    changed: (campaign_id) => {
      const before = waiting.get(campaign_id);
      if (before === undefined) tell(campaign_id);
      else before.isDue = true;
    },
    ended: (campaign_id) => {
      forgetWaiting(campaign_id);
      tell(campaign_id);
      forgetWaiting(campaign_id);
      numbers.delete(campaign_id);
    },
    numberOf: (campaign_id) => numbers.get(campaign_id) ?? first,
    subscribe: (campaign_id, listener) => {
      const own = listeners.get(campaign_id) ?? new Set();
      listeners.set(campaign_id, own.add(listener));
      return () => {
        own.delete(listener);
        if (own.size === 0 && listeners.get(campaign_id) === own) listeners.delete(campaign_id);
      };
    },
    stop: () => {
      for (const campaign_id of [...waiting.keys()]) forgetWaiting(campaign_id);
    },
  };
}
