/** The operator key: in this tab's sessionStorage only; gone when the tab closes or the operator signs out. */
import { useSyncExternalStore } from "react";

const NAME = "openclaw-cloud.operator-key";
const listeners = new Set<() => void>();
let notice: string | undefined;

function changed(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function keepKey(key: string): void {
  sessionStorage.setItem(NAME, key);
  notice = undefined;
  changed();
}

/** `why`: shown to the operator if they did not sign out themselves. */
export function forgetKey(why?: string): void {
  if (sessionStorage.getItem(NAME) === null) return;
  sessionStorage.removeItem(NAME);
  notice = why;
  changed();
}

export const useOperatorKey = (): string | null => useSyncExternalStore(subscribe, () => sessionStorage.getItem(NAME));

/** Why the operator was signed out, if not by themselves. */
export const useNotice = (): string | undefined => useSyncExternalStore(subscribe, () => notice);
