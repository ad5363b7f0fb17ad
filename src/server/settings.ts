import type { Connection } from "vscode-languageserver/node";
import { checkExclude } from "../exclusion/isExcluded";
import {
  defaultSettings,
  suggestionsValues,
  type ReadAhead,
  type Settings,
} from "../protocol";
import { withinBounds } from "../settingBounds";
import { isRecord } from "../text/isRecord";

/** Milliseconds after which a client that has not answered a request for settings counts as failing. */
const longestAnswerMs = 10_000;

/**
 * The settings of each document, requested from the client once and kept until they change. A client that
 * does not answer `workspace/configuration` sends them once, in `initializationOptions`.
 *
 * If the client does not answer, the settings are unknown rather than the defaults: they might exclude
 * the document.
 */
export class SettingsStore {
  private readonly byUri = new Map<string, Promise<Settings | undefined>>();
  /** Settings for all documents, which those of a document override; undefined if they are unknown. */
  private base: Settings | undefined = defaultSettings;
  private canAsk = false;
  private changes = 0;

  constructor(private readonly connection: Connection) {}

  /** A number that each change raises: what was decided under an older one has to be decided again. */
  get revision(): number {
    return this.changes;
  }

  /** @param canAsk whether the client answers `workspace/configuration` */
  initialise(initial: unknown, canAsk: boolean): void {
    this.base = this.valid("initializationOptions", initial, defaultSettings);
    this.canAsk = canAsk;
  }

  /**
   * The present settings of a document. If they change while the client is asked, it is asked again.
   *
   * @returns undefined if they are unknown; the next call asks again
   */
  async get(uri: string): Promise<Settings | undefined> {
    for (;;) {
      const { changes } = this;
      let settings = this.byUri.get(uri);
      if (settings === undefined) {
        settings = this.ask(uri);
        this.byUri.set(uri, settings);
      }
      const answer = await settings;
      if (answer === undefined && this.byUri.get(uri) === settings)
        this.byUri.delete(uri);
      if (changes === this.changes) return answer;
    }
  }

  forget(uri: string): void {
    this.byUri.delete(uri);
  }

  /** @param pushed the client's new settings, if it sends them along */
  changed(pushed: unknown): void {
    if (!this.canAsk && isRecord(pushed) && isRecord(pushed["rwkv"])) {
      const base = this.base ?? defaultSettings;
      this.base = this.valid("didChangeConfiguration", pushed["rwkv"], base);
    }
    this.byUri.clear();
    this.changes++;
  }

  private async ask(uri: string): Promise<Settings | undefined> {
    if (!this.canAsk || this.base === undefined) return this.base;
    let timer: NodeJS.Timeout | undefined;
    try {
      const answer: unknown = await Promise.race([
        this.connection.workspace.getConfiguration({
          scopeUri: uri,
          section: "rwkv",
        }),
        new Promise((_, reject) => {
          timer = setTimeout(
            () => reject(new Error("no answer in time")),
            longestAnswerMs,
          );
          timer.unref();
        }),
      ]);
      return this.valid(uri, answer, this.base);
    } catch {
      // The error is not logged: its text is the client's and may be anything.
      this.unknown(uri, "the client did not answer workspace/configuration");
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  private valid(
    origin: string,
    value: unknown,
    base: Settings,
  ): Settings | undefined {
    try {
      return validSettings(value, base);
    } catch (error) {
      this.unknown(origin, error instanceof Error ? error.message : "invalid");
      return undefined;
    }
  }

  private unknown(origin: string, why: string): void {
    this.connection.console.warn(
      `settings of ${origin} are unknown (${why}), so nothing is read or suggested there`,
    );
  }
}

/**
 * The well-formed values of `value`, within their bounds; the others are taken from `base`.
 *
 * @throws Error if the list of excluded files is malformed
 */
export function validSettings(value: unknown, base: Settings): Settings {
  // Some clients send null where nothing is set.
  const isNothing =
    value === undefined ||
    value === null ||
    (Array.isArray(value) && value.length === 0);
  if (!isNothing && !isRecord(value)) throw new Error("they are no object");
  const given: Record<string, unknown> = isRecord(value) ? value : {};
  const generate = isRecord(given["generate"]) ? given["generate"] : {};
  return {
    enable: booleanOr(given["enable"], base.enable),
    languages: languagesOr(given["languages"], base.languages),
    exclude: excludeOr(given["exclude"], base.exclude),
    model: typeof given["model"] === "string" ? given["model"] : base.model,
    suggestions: suggestionsOr(given["suggestions"], base.suggestions),
    temperature: withinBounds(
      "temperature",
      given["temperature"],
      base.temperature,
    ),
    topP: withinBounds("topP", given["topP"], base.topP),
    seed: withinBounds("seed", given["seed"], base.seed),
    maxTokens: withinBounds("maxTokens", given["maxTokens"], base.maxTokens),
    maxLines: withinBounds("maxLines", given["maxLines"], base.maxLines),
    timeBudget: timeBudgetOr(given["timeBudget"], base.timeBudget),
    readAhead: readAheadOr(given["readAhead"], base.readAhead),
    editorMembers: booleanOr(given["editorMembers"], base.editorMembers),
    generate: {
      maxTokens: withinBounds(
        "generate.maxTokens",
        generate["maxTokens"],
        base.generate.maxTokens,
      ),
      temperature: withinBounds(
        "generate.temperature",
        generate["temperature"],
        base.generate.temperature,
      ),
      topP: withinBounds("generate.topP", generate["topP"], base.generate.topP),
    },
  };
}

function booleanOr(value: unknown, otherwise: boolean): boolean {
  return typeof value === "boolean" ? value : otherwise;
}

/** @throws GlobError if it is no list of globs */
function excludeOr(value: unknown, otherwise: string[]): string[] {
  if (value === undefined || value === null) return otherwise;
  checkExclude(value);
  return value;
}

function suggestionsOr(
  value: unknown,
  otherwise: Settings["suggestions"],
): Settings["suggestions"] {
  return suggestionsValues.find((each) => each === value) ?? otherwise;
}

function timeBudgetOr(
  value: unknown,
  otherwise: Settings["timeBudget"],
): Settings["timeBudget"] {
  return value === "auto"
    ? value
    : withinBounds("timeBudget", value, otherwise);
}

function readAheadOr(value: unknown, otherwise: ReadAhead): ReadAhead {
  return value === "always" || value === "onMains" || value === "never"
    ? value
    : otherwise;
}

/** The switches of languages. A value that is not a boolean counts as off, which may have been meant. */
function languagesOr(
  value: unknown,
  otherwise: Settings["languages"],
): Settings["languages"] {
  if (!isRecord(value)) return otherwise;
  const entries = Object.entries(value).map(
    ([language, on]) => [language, on === true] as const,
  );
  return Object.fromEntries(entries);
}
