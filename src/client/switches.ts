import { isLanguageOn, type Availability, type Settings } from "../protocol";

/** Whether suggestions are on for a language, by the switches alone; the engine knows excluded files. */
export function localAnswer(
  { enable, languages }: Pick<Settings, "enable" | "languages">,
  languageId: string,
): Availability {
  if (!enable) return { on: false, reason: "off" };
  if (!isLanguageOn(languages, languageId))
    return { on: false, reason: "language off" };
  return { on: true, reason: "" };
}

/** The user's own `rwkv.languages` (without defaults) after a language is switched; undefined: none is left. */
export function switchLanguage(
  own: Settings["languages"] | undefined,
  languageId: string,
  on: boolean,
): Settings["languages"] | undefined {
  const { [languageId]: _, ...others } = own ?? {};
  // An entry that only repeats what `*` says is left out, so that toggling twice leaves no trace.
  const next =
    isLanguageOn(others, languageId) === on
      ? others
      : { ...others, [languageId]: on };
  return Object.keys(next).length > 0 ? next : undefined;
}
