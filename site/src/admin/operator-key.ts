/** The operator key: in this tab's sessionStorage only; gone when the tab closes or the operator signs out. */
import { useSyncExternalStore } from "react";

const NAME = "openclaw-cloud.operator-key";
const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function keepKey(key: string): void {
  sessionStorage.setItem(NAME, key);
  changed();
}

export function forgetKey(): void {
  sessionStorage.removeItem(NAME);
  changed();
}

export const useOperatorKey = (): string | null => useSyncExternalStore(subscribe, () => sessionStorage.getItem(NAME));
