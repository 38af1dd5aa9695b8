import type { Core } from "./core.ts";
import type { Dispatcher } from "./dispatcher.ts";

/** What every route works with. */
export interface Service {
  core: Core;
  dispatcher: Dispatcher;
}
