import type { Memento } from "vscode";
import type { ListedModel } from "../protocol";

const key = "rwkv.tokensPerSecond";

/** The measured speed of each model on this machine, in tokens a second, kept between sessions. */
export class ModelSpeeds {
  constructor(private readonly memory: Pick<Memento, "get" | "update">) {}

  of(name: string): number | undefined {
    return this.all()[name];
  }

  /** Saves the speeds that the engine has measured of the models that it has loaded. */
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
