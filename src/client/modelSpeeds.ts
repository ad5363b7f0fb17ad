import type { Memento } from "vscode";
import type { ListedModel } from "../protocol";

const key = "rwkv.tokensPerSecond";

/** Tokens a second that each model was measured at on this machine, kept from one session to the next. */
export class ModelSpeeds {
  constructor(private readonly memory: Pick<Memento, "get" | "update">) {}

  of(name: string): number | undefined {
    return this.all()[name];
  }

  /** Keeps what the engine has measured of the models that it has loaded. */
  async record(models: readonly ListedModel[]): Promise<void> {
    const measured = models.flatMap(({ name, tokensPerSecond }) =>
      tokensPerSecond === undefined ? [] : [[name, tokensPerSecond] as const],
    );
    const next = { ...this.all(), ...Object.fromEntries(measured) };
    if (measured.length > 0) await this.memory.update(key, next);
  }

  private all(): Record<string, number> {
    return this.memory.get<Record<string, number>>(key) ?? {};
  }
}
