import type { Message } from "../messages";
import type { LoadedModel } from "../runtime/loadedModel";
import type { RequestEvents } from "./requestEvents";

type Slow = Pick<LoadedModel, "warning">;

/**
 * Warns once of each model that is too slow on this machine, as soon as requests have shown it.
 *
 * @param loaded returns the loaded models with the names that settings give them
 */
export function warnOfSlowModels(
  events: RequestEvents,
  loaded: () => readonly (readonly [name: string, model: Slow])[],
  warn: (name: string, warning: Message) => void,
): void {
  const warned = new WeakSet<Slow>();
  events.subscribe(() => {
    for (const [name, model] of loaded()) {
      const warning = warned.has(model) ? undefined : model.warning?.();
      if (warning === undefined) continue;
      warned.add(model);
      warn(name, warning);
    }
  });
}
