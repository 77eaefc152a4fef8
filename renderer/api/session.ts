// The credential of this page: from the desktop shell, from `#key=` in the address, or typed in. It never leaves sessionStorage.
import { DESKTOP_BRIDGE_NAME } from '../../contracts/desktop-bridge.ts';
import type { DesktopBridge } from '../../contracts/desktop-bridge.ts';

declare global {
  interface Window {
    readonly [DESKTOP_BRIDGE_NAME]?: DesktopBridge;
  }
}

const STORAGE_KEY = 'mofsim.key';

let token: string | null = null;
const listeners = new Set<() => void>();

export function desktopBridge(): DesktopBridge | null {
  return window[DESKTOP_BRIDGE_NAME] ?? null;
}

/** The key of a fragment such as `#key=mofs_…`, and the fragment without it. */
export function takeKeyFromFragment(fragment: string): { key: string | null; rest: string } {
  const match = /^#key=([^&]+)(?:&(.*))?$/.exec(fragment);
  if (match?.[1] === undefined) return { key: null, rest: fragment };
  return { key: decodeURIComponent(match[1]), rest: match[2] === undefined ? '' : `#${match[2]}` };
}

/** Finds the credential before the first render. The key is removed from the address at once, so that it is not bookmarked. */
export async function openSession(): Promise<void> {
  const bridge = desktopBridge();
  if (bridge !== null) {
    setToken(await bridge.getSessionToken());
    return;
  }
  adoptKeyOfAddress();
  token ??= sessionStorage.getItem(STORAGE_KEY);
  // A page that is open already takes a key that is pasted into its address.
  window.addEventListener('hashchange', adoptKeyOfAddress);
}

function adoptKeyOfAddress(): void {
  const { key, rest } = takeKeyFromFragment(window.location.hash);
  if (key === null) return;
  history.replaceState(null, '', `${window.location.pathname}${window.location.search}${rest}`);
  signIn(key);
}

export function signIn(key: string): void {
  sessionStorage.setItem(STORAGE_KEY, key);
  setToken(key);
}

/** The service refused the credential: ask for another one. */
export function signOut(): void {
  sessionStorage.removeItem(STORAGE_KEY);
  setToken(null);
}

export function currentToken(): string | null {
  return token;
}

export function subscribeToken(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function setToken(next: string | null): void {
  token = next;
  for (const listener of listeners) listener();
}
