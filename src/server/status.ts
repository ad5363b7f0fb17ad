import { inEnglish, type Message } from "../messages";
import type { CompletionServerState, StatusParams } from "../protocol";

/** The texts that describe a model's status. */
type Words = Pick<StatusParams, "message" | "told" | "warning">;

/** Tells the client what the engine is doing, each change once. */
export class Status {
  private readonly loading = new Map<string, number>();
  private readonly ready = new Map<string, Words>();
  private readonly failed = new Map<string, Words>();
  private server: CompletionServerState | undefined;
  private busy = 0;
  /** Name of the model that became ready or was used last. */
  private current = "";
  /** The last status that was sent, as JSON. */
  private published = "";

  /** @param send called once for each change */
  constructor(private readonly send: (status: StatusParams) => void) {}

  modelLoading(name: string, share: number): void {
    this.failed.delete(name);
    this.loading.set(name, share);
    this.publish();
  }

  modelReady(name: string, message: string, told?: Message): void {
    this.loading.delete(name);
    this.ready.set(name, { message, told });
    this.current = name;
    this.publish();
  }

  modelFailed(name: string, message: string, told?: Message): void {
    this.loading.delete(name);
    this.failed.set(name, { message, told });
    this.publish();
  }

  /** A model that is ready has shown that it is too slow here. */
  modelSlow(name: string, warning: Message): void {
    const words = this.ready.get(name);
    if (words !== undefined) this.ready.set(name, { ...words, warning });
    this.publish();
  }

  /** The model is no longer used. */
  modelGone(name: string): void {
    this.loading.delete(name);
    this.ready.delete(name);
    this.failed.delete(name);
    this.publish();
  }

  /** What is known of the completion server; undefined: none is named. */
  serverChanged(server: CompletionServerState | undefined): void {
    this.server = server;
    this.publish();
  }

  /** Shows the engine as thinking until the returned function is called. */
  thinking(name: string): () => void {
    this.busy++;
    this.current = name;
    this.publish();
    return () => {
      this.busy--;
      this.publish();
    };
  }

  private publish(): void {
    const summary = this.summary();
    if (summary === undefined) return;
    const { server } = this;
    const status = { ...summary, ...(server && { server }) };
    const told = JSON.stringify(status);
    if (told === this.published) return;
    this.published = told;
    this.send(status);
  }

  private summary(): StatusParams | undefined {
    const words = this.ready.get(this.current) ??
      [...this.ready.values()].at(-1) ?? { message: "" };
    if (this.busy > 0) return { state: "thinking", ...words };
    const [loading] = this.loading;
    if (loading !== undefined) {
      // Rounded to whole per cents, so that not each of the many reads of a file changes the status.
      const progress = Math.round(loading[1] * 100) / 100;
      const told: Message = { code: "model loading", args: [loading[0]] };
      return { state: "loading", message: inEnglish(told), told, progress };
    }
    const failure = [...this.failed.values()].at(-1);
    if (failure !== undefined) return { state: "failed", ...failure };
    return this.ready.size > 0 ? { state: "ready", ...words } : undefined;
  }
}
