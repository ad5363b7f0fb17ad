import type { LoadedModel } from "../runtime/loadedModel";
import type { RequestEvents } from "./requestEvents";

/** Warns of each model that is too slow, once and as soon as requests have shown it. */
export function warnOfSlowModels(
  events: RequestEvents,
  loaded: () => readonly Pick<LoadedModel, "warning">[],
  warn: (message: string) => void,
): void {
  const warned = new WeakSet<Pick<LoadedModel, "warning">>();
  events.subscribe(() => {
    for (const model of loaded()) {
      const warning = warned.has(model) ? undefined : model.warning?.();
      if (warning === undefined) continue;
      warned.add(model);
      warn(warning);
    }
  });
}
