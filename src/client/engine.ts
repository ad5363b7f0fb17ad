import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  TransportKind,
  type LanguageClientOptions,
  type Middleware,
} from "vscode-languageclient/node";
import {
  EventEmitter,
  l10n,
  type Disposable,
  type ExtensionContext,
  type LogOutputChannel,
} from "vscode";
import { StatusNotification } from "../protocol";
import { RestartPolicy } from "./restartPolicy";
import { documentSelector } from "./selector";
import { initializationOptions } from "./settings";
import { waiting, type EngineStatus } from "./status";

/**
 * Keeps one engine process alive. Each life is a fresh `LanguageClient`: the library's own restart
 * neither waits between tries nor stays silent when a try fails.
 */
export class Engine implements Disposable {
  private readonly statusChanged = new EventEmitter<EngineStatus>();
  private readonly policy = new RestartPolicy();
  private current:
    { client: LanguageClient; started: Promise<void> } | undefined;
  private nextTry: NodeJS.Timeout | undefined;
  private lastStatus = waiting;

  /** Fires for every change of {@link status}. */
  readonly onDidChangeStatus = this.statusChanged.event;
  /** Called once the policy has given up, with the reason. */
  onGaveUp: (reason: string) => void = () => undefined;
  /** Set once, before the first start. */
  middleware: Middleware = {};

  constructor(
    private readonly context: ExtensionContext,
    private readonly log: LogOutputChannel,
  ) {}

  get status(): EngineStatus {
    return this.lastStatus;
  }

  /** The client when requests can be sent this moment. */
  get client(): LanguageClient | undefined {
    return this.current?.client.isRunning() ? this.current.client : undefined;
  }

  /** Starts the engine unless it runs, is starting, or waits for its next try. */
  start(): void {
    if (this.current || this.nextTry || this.lastStatus.state === "failed")
      return;
    this.launch();
  }

  /** The client once it answers requests; starts the engine for it, even after it had given up. */
  async ready(): Promise<LanguageClient> {
    if (!this.current) await this.restart();
    const current = this.current;
    if (!current) throw new Error("the engine was stopped");
    await current.started;
    return current.client;
  }

  /** Ends the running engine, forgets earlier crashes and starts a new one. */
  async restart(): Promise<void> {
    this.policy.reset();
    await this.stop();
    this.launch();
  }

  /** Ends the engine and waits until it has said goodbye, two seconds at most. */
  async stop(): Promise<void> {
    clearTimeout(this.nextTry);
    this.nextTry = undefined;
    const ended = this.current?.client;
    this.current = undefined;
    this.report(waiting);
    // A client that is still starting refuses to be stopped, but its process is ended all the same.
    await ended
      ?.stop()
      .catch((error: unknown) => this.log.debug(`stopping: ${String(error)}`));
  }

  dispose(): void {
    void this.stop();
    this.statusChanged.dispose();
  }

  private report(status: EngineStatus): void {
    this.lastStatus = status;
    this.statusChanged.fire(status);
  }

  private launch(): void {
    const module = this.context.asAbsolutePath("dist/server.js");
    const client: LanguageClient = new LanguageClient(
      "rwkv",
      "RWKV",
      {
        module,
        transport: TransportKind.ipc,
        options: { cwd: this.context.extensionPath },
      },
      this.clientOptions((reason) => this.died(client, reason)),
    );
    client.onNotification(StatusNotification, (status) => {
      if (client === this.current?.client) this.report(status);
    });
    this.report({
      state: "loading",
      message: l10n.t("The engine is starting."),
    });
    const started = client.start();
    this.current = { client, started };
    started.catch((error: unknown) => this.died(client, String(error)));
  }

  private clientOptions(died: (reason: string) => void): LanguageClientOptions {
    return {
      documentSelector,
      outputChannel: this.log,
      traceOutputChannel: this.log,
      // The library must never open a notification or the panel on its own.
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: initializationOptions(
        this.context.asAbsolutePath("media/model"),
      ),
      initializationFailedHandler: () => false,
      textSynchronization: { delayOpenNotifications: true },
      middleware: this.middleware,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          const reason = "the engine process ended";
          died(reason);
          return {
            action: CloseAction.DoNotRestart,
            handled: true,
            message: reason,
          };
        },
      },
    };
  }

  /** Runs once per life: the connection's end and the failed start of one client are one death. */
  private died(client: LanguageClient, reason: string): void {
    if (client !== this.current?.client) return;
    this.current = undefined;
    const verdict = this.policy.died(performance.now());
    if (verdict.restart) {
      const seconds = verdict.delay / 1000;
      this.log.warn(`${reason}; next try in ${seconds} s`);
      this.report({
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
      this.report({ state: "failed", message });
      this.onGaveUp(message);
    }
  }
}
