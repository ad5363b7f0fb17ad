import type { Message } from "../messages";
import type { LoadedModel } from "../runtime/loadedModel";
import type { RequestEvents } from "./requestEvents";

type Slow = Pick<LoadedModel, "warning">;

/**
 * Warns of each model that is too slow, once and as soon as requests have shown it.
 *
 * @param loaded the models by the names that settings have for them
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
