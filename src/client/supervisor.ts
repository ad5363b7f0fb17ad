import {
  EventEmitter,
  l10n,
  type Disposable,
  type ExtensionContext,
  type LogOutputChannel,
} from "vscode";
import type { Middleware } from "vscode-languageclient/node";
import type { IndexingParams, RequestEvent } from "../protocol";
import type { EngineClient } from "./engineClient";
import { RestartPolicy } from "./restartPolicy";
import { waiting, type EngineStatus } from "./status";

/** One process from its start to its end. */
interface Life {
  client?: EngineClient;
  started: Promise<EngineClient>;
}

/** Keeps one engine process alive, with a new client for each process. */
export class Supervisor implements Disposable {
  private readonly statusChanged = new EventEmitter<EngineStatus>();
  private readonly policy = new RestartPolicy();
  private current: Life | undefined;
  private nextTry: NodeJS.Timeout | undefined;
  private lastStatus = waiting;

  /** Fires for every change of {@link status}. */
  readonly onDidChangeStatus = this.statusChanged.event;
  /** Called when the engine is not started again, with a sentence for the user. */
  onGaveUp: (reason: string) => void = () => undefined;
  /** Called for each event of a request that the running engine sends. */
  onRequest: (event: RequestEvent) => void = () => undefined;
  /** Called with the progress of indexing the project. */
  onIndexing: (progress: IndexingParams) => void = () => undefined;
  /** Set once, before the first start. */
  middleware: Middleware = {};

  /**
   * @param load loads the LSP library and the code that uses it. They are a separate bundle, which is
   *   not read from disk before the first start.
   */
  constructor(
    private readonly context: ExtensionContext,
    private readonly log: LogOutputChannel,
    private readonly load: () => Promise<
      Pick<typeof import("./languageClient"), "createLanguageClient">
    > = () => import("./languageClient"),
  ) {}

  get status(): EngineStatus {
    return this.lastStatus;
  }

  /** The client if requests can be sent now. */
  get client(): EngineClient | undefined {
    const client = this.current?.client;
    return client?.running ? client : undefined;
  }

  /** Starts the engine, unless it is running, is starting, will be restarted or was given up. */
  start(): void {
    if (this.current || this.nextTry || this.lastStatus.state === "failed")
      return;
    this.launch();
  }

  /**
   * The client once it answers requests. Starts the engine if none is running, even one that was given up.
   *
   * @throws Error if the engine does not start, or is stopped before it answers
   */
  async ready(): Promise<EngineClient> {
    if (!this.current) await this.restart();
    if (!this.current) throw new Error("the engine was stopped");
    return this.current.started;
  }

  /** Ends the running engine, forgets earlier crashes and starts a new one. */
  async restart(): Promise<void> {
    this.policy.reset();
    await this.stop();
    this.start();
  }

  /** Ends the engine and waits until it has shut down, two seconds at most. */
  async stop(): Promise<void> {
    clearTimeout(this.nextTry);
    this.nextTry = undefined;
    const ended = this.current?.client;
    this.current = undefined;
    this.publish(waiting);
    // The library refuses to stop a client that is starting, but ends its process all the same.
    await ended
      ?.stop()
      .catch((error: unknown) => this.log.debug(`stopping: ${String(error)}`));
  }

  dispose(): void {
    void this.stop();
    this.statusChanged.dispose();
  }

  private publish(status: EngineStatus): void {
    this.lastStatus = status;
    this.statusChanged.fire(status);
  }

  private launch(): void {
    const life: Life = {
      started: Promise.resolve().then(() => this.begin(life)),
    };
    this.current = life;
    this.publish({
      state: "loading",
      message: l10n.t("The engine is starting."),
    });
    life.started.catch((error: unknown) => this.died(life, String(error)));
  }

  private async begin(life: Life): Promise<EngineClient> {
    const { createLanguageClient } = await this.load();
    if (life !== this.current) throw new Error("the engine was stopped");
    life.client = createLanguageClient(
      this.context,
      this.log,
      this.middleware,
      {
        onStatus: (status) => {
          if (life === this.current) this.publish(status);
        },
        onRequest: (event) => {
          if (life === this.current) this.onRequest(event);
        },
        onIndexing: (progress) => {
          if (life === this.current) this.onIndexing(progress);
        },
        onEnded: (reason) => this.died(life, reason),
      },
    );
    await life.client.start();
    return life.client;
  }

  /** Handles the end of a process. Of a failed start and the end of its connection only the first counts. */
  private died(life: Life, reason: string): void {
    if (life !== this.current) return;
    this.current = undefined;
    const verdict = this.policy.died(performance.now());
    if (verdict.restart) {
      const seconds = verdict.delay / 1000;
      this.log.warn(`${reason}; next try in ${seconds} s`);
      this.publish({
        state: "loading",
        message: l10n.t("The engine ended and starts again in {0} s.", seconds),
      });
      this.nextTry = setTimeout(() => {
        this.nextTry = undefined;
        this.launch();
      }, verdict.delay);
    } else {
      this.log.error(`${reason}; giving up`);
      const message = l10n.t(
        "The RWKV engine ended several times and was not started again.",
      );
      this.publish({ state: "failed", message });
      this.onGaveUp(message);
    }
  }
}
