import { isAbsolute } from "node:path";
import {
  MessageType,
  ShowMessageNotification,
  type Connection,
  type InitializeParams,
} from "vscode-languageserver/node";
import { Completer } from "../completion/completer";
import { Runner } from "../completion/runner";
import { english, inEnglish, worded } from "../messages";
import { CompletionServer } from "../remote/completionServer";
import {
  defaultProcessSettings,
  MembersRequest,
  RequestEventNotification,
  StatusNotification,
  type InitializationOptions,
  type ProjectMode,
} from "../protocol";
import { withinBounds } from "../settingBounds";
import { mebibyte } from "../text/bytes";
import { Documents } from "./documents";
import { nameServer } from "./features/completionServer";
import { EditorMembers } from "./features/members";
import { logFailure, ProjectIndex } from "./features/project";
import { ReadAhead } from "./features/readAhead";
import { StartAhead } from "./features/startAhead";
import { tryToDeleteStates } from "./features/states";
import { Unloading } from "./features/unloading";
import { translationFor } from "./language";
import { LoadingProgress } from "./loadingProgress";
import { Models, type LoadModel } from "./models";
import { Notebooks } from "./notebooks";
import { Parsing } from "./parsing";
import { Power } from "./power";
import { RequestEvents } from "./requestEvents";
import { logRequest } from "./requestLog";
import type { Session } from "./session";
import { SettingsStore } from "./settings";
import { warnOfSlowModels } from "./slowModels";
import { Status } from "./status";
import { isRecord } from "../text/isRecord";

export interface ServerOptions {
  readonly version: string;
  readonly load: LoadModel;
  /** Folder of the bundled model where the client names none. */
  readonly bundledModel: string;
}

/** Creates and connects the parts of a server, by the options that the client sends with `initialize`. */
export function createSession(
  connection: Connection,
  params: InitializeParams,
  options: ServerOptions,
): Session {
  const given: InitializationOptions = isRecord(params.initializationOptions)
    ? params.initializationOptions
    : {};
  const settings = new SettingsStore(connection);
  settings.initialise(
    given.settings,
    params.capabilities.workspace?.configuration === true,
  );
  const isNotified = given.notifications === true;
  const translate = translationFor(params.locale);
  const status = new Status((changed) => {
    if (isNotified)
      void connection.sendNotification(StatusNotification, changed);
  });
  const events = new RequestEvents();
  events.subscribe((event, error) =>
    logRequest(connection.console, event, error),
  );
  if (isNotified)
    events.subscribe((event) => {
      void connection.sendNotification(RequestEventNotification, event);
    });
  const runner = new Runner();
  const server = new CompletionServer((state) => {
    if (state?.told !== undefined)
      connection.console.warn(`completion server: ${inEnglish(state.told)}`);
    status.serverChanged(state);
  });
  const models = new Models({
    load: options.load,
    threads: numberOf("threads", given),
    memoryBudget: numberOf("memoryBudget", given) * mebibyte,
    bundledModel: stringOf(given.bundledModel) || options.bundledModel,
    modelsPath: stringOf(given.modelsPath),
    statesPath: stringOf(given.statesPath),
    status,
    progress: new LoadingProgress(connection, isNotified, translate),
    onFailure: (message, told) => {
      connection.console.error(message);
      // A client that does not take `rwkv/status` is told by a message.
      if (!isNotified)
        void connection.sendNotification(ShowMessageNotification.type, {
          type: MessageType.Error,
          message: `RWKV: ${told ? worded(told, translate) : message}`,
        });
    },
    onLoaded: (name, { description }, ms) => {
      connection.console.info(
        `model ${name} loaded in ${ms.toFixed(0)} ms: ${description}; ${models.memoryText()}`,
      );
      session.readAhead.later();
      const loaded = models.get(name);
      if (typeof loaded !== "string")
        logFailure(session, session.project.modelLoaded(loaded));
      void tryToDeleteStates(session, { alsoGone: false });
    },
  });
  warnOfSlowModels(
    events,
    () => models.loadedByName(),
    (name, warning) => {
      status.modelSlow(name, warning);
      // A client that takes `rwkv/status` shows the warning in the user's language, so the log's is English.
      const words = isNotified ? english : translate;
      connection.console.warn(worded(warning, words));
    },
  );
  const documents = new Documents(
    new Parsing((message) => connection.console.warn(message)),
  );
  const parts = {
    connection,
    documents,
    notebooks: new Notebooks(documents),
    settings,
    status,
    runner,
    server,
    completer: new Completer(runner, server, {
      onLonger: (id) => events.publish({ kind: "lengthened", id }),
      onEnded: () => session.readAhead.later(),
    }),
    events,
    models,
    members:
      given.members === true
        ? new EditorMembers(
            (asked) => connection.sendRequest(MembersRequest, asked),
            (line) => connection.console.log(line),
          )
        : undefined,
    statesPath: stringOf(given.statesPath),
    translate,
    wantsLf: wantsLf(given, params),
    folders: foldersOf(params),
    given: undefined,
    scope: new AbortController(),
  };
  const power = new Power();
  const unloading = new Unloading(
    parts,
    numberOf("unloadAfter", given) * 60_000,
  );
  const withProject = Object.assign(parts, {
    project: new ProjectIndex(parts, power, {
      mode: projectModeOf(given.project),
      pythonPath: absolutePathOf(given.pythonPath),
      isNotified,
      budgetBytes: numberOf("projectMemory", given) * mebibyte,
    }),
  });
  const session: Session = Object.assign(withProject, {
    readAhead: new ReadAhead(withProject, power, unloading),
    startAhead: new StartAhead(() => session),
  });
  if (isRecord(given.server)) nameServer(session, given.server);
  return session;
}

/** Editors with LF alone in their buffers, which they replace by a file's own line ends when they save it. */
const lfClients = ["neovim", "emacs"];

/** Whether suggested texts have to have LF as line ends, whatever the document has. */
function wantsLf(
  { lineEnds }: InitializationOptions,
  { clientInfo }: InitializeParams,
): boolean {
  if (lineEnds === "lf" || lineEnds === "document") return lineEnds === "lf";
  return lfClients.includes(clientInfo?.name?.toLowerCase() ?? "");
}

function foldersOf({ workspaceFolders, rootUri }: InitializeParams): string[] {
  if (workspaceFolders) return workspaceFolders.map(({ uri }) => uri);
  return rootUri ? [rootUri] : [];
}

/** A setting of the process that is a number, within its bounds. */
function numberOf(
  key: "threads" | "memoryBudget" | "projectMemory" | "unloadAfter",
  given: InitializationOptions,
): number {
  return withinBounds(key, given[key], defaultProcessSettings[key]);
}

function projectModeOf(value: unknown): ProjectMode {
  return value === "off" || value === "openFiles" ? value : "on";
}

/** An absolute path on this machine; empty for any other value. */
function absolutePathOf(value: unknown): string {
  const path = stringOf(value);
  return isAbsolute(path) && !/^[\\/]{2}/.test(path) ? path : "";
}

function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
