import type { Connection } from "vscode-languageserver/node";
import { defaultSettings, type ReadAhead, type Settings } from "../protocol";

/**
 * The settings of each document, asked of the client once and kept until they change. Clients that
 * answer no `workspace/configuration` give them once, in `initializationOptions`.
 */
export class SettingsStore {
  private readonly byUri = new Map<string, Promise<Settings>>();
  /** Settings of the whole client, under those of a document. */
  private base = defaultSettings;
  private canAsk = false;
  private revision = 0;

  constructor(private readonly connection: Connection) {}

  initialise(initial: unknown, canAsk: boolean): void {
    this.base = validSettings(initial, defaultSettings);
    this.canAsk = canAsk;
  }

  /** The settings now: those that change while the client is asked are asked for again. */
  async get(uri: string): Promise<Settings> {
    for (;;) {
      const { revision } = this;
      let settings = this.byUri.get(uri);
      if (settings === undefined) {
        settings = this.ask(uri);
        this.byUri.set(uri, settings);
      }
      const answer = await settings;
      if (revision === this.revision) return answer;
    }
  }

  forget(uri: string): void {
    this.byUri.delete(uri);
  }

  /** @param pushed the client's new settings, if it sends them along */
  changed(pushed: unknown): void {
    if (!this.canAsk && isRecord(pushed) && isRecord(pushed["rwkv"])) {
      this.base = validSettings(pushed["rwkv"], this.base);
    }
    this.byUri.clear();
    this.revision++;
  }

  private async ask(uri: string): Promise<Settings> {
    if (!this.canAsk) return this.base;
    try {
      const answer: unknown = await this.connection.workspace.getConfiguration({
        scopeUri: uri,
        section: "rwkv",
      });
      return validSettings(answer, this.base);
    } catch (error) {
      this.connection.console.warn(
        `settings of ${uri} were not to be had: ${String(error)}`,
      );
      return this.base;
    }
  }
}

/** What is well-formed of `value`, within its range; the rest as in `base`. */
export function validSettings(value: unknown, base: Settings): Settings {
  const given = isRecord(value) ? value : {};
  const generate = isRecord(given["generate"]) ? given["generate"] : {};
  return {
    enable: booleanOr(given["enable"], base.enable),
    languages: languagesOr(given["languages"], base.languages),
    exclude: stringsOr(given["exclude"], base.exclude),
    model: typeof given["model"] === "string" ? given["model"] : base.model,
    suggestions: suggestionsOr(given["suggestions"], base.suggestions),
    temperature: numberOr(given["temperature"], 0, 2, base.temperature),
    topP: numberOr(given["topP"], 0, 1, base.topP),
    seed: integerOr(given["seed"], 0, 0xffffffff, base.seed),
    maxTokens: integerOr(given["maxTokens"], 1, 1024, base.maxTokens),
    maxLines: integerOr(given["maxLines"], 1, 100, base.maxLines),
    timeBudget: numberOr(given["timeBudget"], 10, 60_000, base.timeBudget),
    readAhead: readAheadOr(given["readAhead"], base.readAhead),
    generate: {
      maxTokens: integerOr(
        generate["maxTokens"],
        1,
        100_000,
        base.generate.maxTokens,
      ),
      temperature: numberOr(
        generate["temperature"],
        0,
        2,
        base.generate.temperature,
      ),
      topP: numberOr(generate["topP"], 0, 1, base.generate.topP),
    },
  };
}

function booleanOr(value: unknown, otherwise: boolean): boolean {
  return typeof value === "boolean" ? value : otherwise;
}

function numberOr(
  value: unknown,
  least: number,
  most: number,
  otherwise: number,
): number {
  if (typeof value !== "number" || Number.isNaN(value)) return otherwise;
  return Math.min(most, Math.max(least, value));
}

function integerOr(
  value: unknown,
  least: number,
  most: number,
  otherwise: number,
): number {
  return Math.round(numberOr(value, least, most, otherwise));
}

function stringsOr(value: unknown, otherwise: string[]): string[] {
  if (!Array.isArray(value)) return otherwise;
  return value.filter((item) => typeof item === "string");
}

function suggestionsOr(
  value: unknown,
  otherwise: Settings["suggestions"],
): Settings["suggestions"] {
  return value === "often" || value === "balanced" || value === "rare"
    ? value
    : otherwise;
}

function readAheadOr(value: unknown, otherwise: ReadAhead): ReadAhead {
  return value === "always" || value === "onMains" || value === "never"
    ? value
    : otherwise;
}

function languagesOr(
  value: unknown,
  otherwise: Settings["languages"],
): Settings["languages"] {
  if (!isRecord(value)) return otherwise;
  const entries = Object.entries(value).filter(
    ([, on]) => typeof on === "boolean",
  );
  return Object.fromEntries(entries) as Settings["languages"];
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
