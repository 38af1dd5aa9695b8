/** Which box is open is in the address's fragment (`#box-<id>`), so that it survives a reload and can be sent on. */
import { useSyncExternalStore } from "react";
import * as z from "zod";

const PREFIX = "#box-";
const CHANGED = "openboxchange";

function subscribe(listener: () => void): () => void {
  for (const event of ["hashchange", "popstate", CHANGED]) addEventListener(event, listener);
  return () => {
    for (const event of ["hashchange", "popstate", CHANGED]) removeEventListener(event, listener);
  };
}

function read(): string | undefined {
  const id = location.hash.startsWith(PREFIX) ? location.hash.slice(PREFIX.length) : undefined;
  return z.uuid().safeParse(id).success ? id : undefined;
}

export const boxAddress = (id: string): string => `${PREFIX}${id}`;

export function closeBox(): void {
  history.pushState(null, "", location.pathname);
  dispatchEvent(new Event(CHANGED));
}

export const useOpenBox = (): string | undefined => useSyncExternalStore(subscribe, read);
