import type { Settings } from "../../src/protocol";

/** Settings between which the share right and the keys saved are compared, by name. */
export const suggestionSettings: Readonly<Record<string, Partial<Settings>>> = {
  often: { suggestions: "often" },
  balanced: { suggestions: "balanced" },
  rare: { suggestions: "rare" },
};
