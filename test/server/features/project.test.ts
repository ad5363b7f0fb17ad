import assert from "node:assert/strict";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { DocumentState, ProjectState } from "../../../src/protocol";
import { ProjectFolder } from "../../project/projectFolder";
import { ServerProcess, type StartOptions } from "../../support/serverProcess";

describe("the project in the server", () => {
  let folder: ProjectFolder;
  let server: ServerProcess;
  beforeEach(() => {
    folder = new ProjectFolder();
    folder.write("w/closed.ts", "function somewhere() {}");
    folder.write("w/.env", "PASSWORD=1");
    folder.write("w/open.ts", "const onDisk = 1");
    mkdirSync(folder.at("states"));
  });
  afterEach(async () => {
    await server.stop();
    folder.remove();
  });

  function uriOf(path: string): string {
    return pathToFileURL(folder.at(path)).href;
  }

  async function start(
    {
      initializationOptions,
      ...options
    }: Partial<
      Pick<
        StartOptions,
        "texts" | "folders" | "configuration" | "initializationOptions"
      >
    > = {},
    text = "const █",
  ): Promise<void> {
    server = await ServerProcess.start({
      texts: ["x"],
      folders: [uriOf("w")],
      initializationOptions: {
        statesPath: folder.at("states"),
        ...initializationOptions,
      },
      ...options,
    });
    await server.open(uriOf("w/open.ts"), text);
    await server.ready();
  }

  /** Tells the server to ask for its settings again. */
  function changeSettings(): Promise<void> {
    return server.connection.sendNotification(
      "workspace/didChangeConfiguration",
      { settings: null },
    );
  }

  /** What is known once `isDone` says that it is what is waited for. */
  async function known(
    isDone: (project: ProjectState) => boolean,
  ): Promise<ProjectState> {
    for (;;) {
      const { project } = await server.connection.sendRequest<DocumentState>(
        "rwkv/state",
        { textDocument: { uri: uriOf("w/open.ts") } },
      );
      if (project !== undefined && isDone(project)) return project;
      await sleep(20);
    }
  }

  it("is indexed, follows files, is saved and cleared", async () => {
    await start();
    const isIdle = ({ phase, files }: ProjectState) =>
      phase === "idle" && files > 0;
    const first = await known(isIdle);
    // The secret is not among them.
    assert.equal(first.files, 2);
    folder.write("w/more.ts", "const another = 1");
    await server.connection.sendNotification(
      "workspace/didChangeWatchedFiles",
      { changes: [{ uri: uriOf("w/more.ts"), type: 1 }] },
    );
    const second = await known(
      ({ phase, files }) => phase === "idle" && files === 3,
    );
    assert.ok(second.names > first.names);
    const saved = () =>
      readdirSync(folder.at("states")).filter((name) =>
        name.endsWith(".index"),
      );
    assert.equal(saved().length, 1);
    await server.connection.sendRequest("rwkv/clearStates", {});
    await known(({ phase, files }) => phase === "idle" && files === 3);
  });

  it("suggests nothing anew that was suggested before a closed file changed or went away", async () => {
    const place = "const █\n";
    await start({ texts: ["const answer = 42;\n"] }, place);
    const isIdle = ({ phase, files }: ProjectState) =>
      phase === "idle" && files > 0;
    await known(isIdle);
    const reason = async () => {
      await server.suggestion(uriOf("w/open.ts"), place);
      return server.lastReason();
    };
    assert.equal(await reason(), "generated");
    assert.equal(await reason(), "typed through");
    for (const type of [2, 3]) {
      if (type === 2)
        folder.write("w/closed.ts", "function elsewhere(argument) {}");
      else unlinkSync(folder.at("w/closed.ts"));
      const before = await known(isIdle);
      await server.connection.sendNotification(
        "workspace/didChangeWatchedFiles",
        { changes: [{ uri: uriOf("w/closed.ts"), type }] },
      );
      // Either brings or takes away names.
      await known(
        (project) => isIdle(project) && project.names !== before.names,
      );
      assert.equal(await reason(), "generated");
      assert.equal(await reason(), "typed through");
    }
  });

  it("follows a rename that the client tells of, watching no files", async () => {
    await start();
    await known(({ phase, files }) => phase === "idle" && files === 2);
    mkdirSync(folder.at("w/new"));
    renameSync(folder.at("w/closed.ts"), folder.at("w/new/moved.ts"));
    folder.write("w/new/other.ts", "const another = 1");
    const files = [{ oldUri: uriOf("w/closed.ts"), newUri: uriOf("w/new") }];
    await server.connection.sendNotification("workspace/didRenameFiles", {
      files,
    });
    await known(({ phase, files }) => phase === "idle" && files === 3);
  });

  it("is paused and resumed, and the client hears of it", async () => {
    const phases: string[] = [];
    await start();
    server.connection.onNotification(
      "rwkv/indexing",
      ({ phase }: { phase: string }) => {
        phases.push(phase);
      },
    );
    // It is idle before it begins, too.
    await known(({ phase, files }) => phase === "idle" && files === 2);
    const pause = (paused: boolean) =>
      server.connection.sendNotification("rwkv/pauseIndexing", { paused });
    await pause(true);
    folder.write("w/later.ts", "const later = 1");
    await server.connection.sendNotification(
      "workspace/didChangeWatchedFiles",
      { changes: [{ uri: uriOf("w/later.ts"), type: 1 }] },
    );
    const waiting = await known(({ phase }) => phase === "paused");
    assert.equal(waiting.files, 2);
    await pause(false);
    await known(({ phase, files }) => phase === "idle" && files === 3);
    assert.equal(phases[0], "paused");
    assert.equal(phases.at(-1), "idle");
  });

  it("does not grow while somebody types, and does afterwards", async function () {
    await start();
    await known(({ phase, files }) => phase === "idle" && files === 2);
    folder.write("w/later.ts", "const later = 1");
    let last = performance.now();
    let longest = 0;
    const type = async (text: string) => {
      await server.edit(uriOf("w/open.ts"), text);
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    };
    await type("const a█");
    await server.connection.sendNotification(
      "workspace/didChangeWatchedFiles",
      { changes: [{ uri: uriOf("w/later.ts"), type: 1 }] },
    );
    for (let key = 0; key < 30; key++) {
      await sleep(50);
      await type(`const a${"b".repeat(key)}█`);
    }
    const whileTyping = await known(() => true);
    // A machine that stood still for so long has made a pause of its own.
    if (longest > 500) this.skip();
    assert.equal(whileTyping.files, 2);
    await known(({ phase, files }) => phase === "idle" && files === 3);
  });

  it("is not read where only open files count", async () => {
    await start({ initializationOptions: { project: "openFiles" } });
    const state = await server.connection.sendRequest<DocumentState>(
      "rwkv/state",
      { textDocument: { uri: uriOf("w/open.ts") } },
    );
    assert.equal(state.project, undefined);
    assert.deepEqual(readdirSync(folder.at("states")), []);
  });

  it("knows nothing of a file any more once it is excluded, on disk neither", async () => {
    const canary = "canaryOfTheClosedFile";
    folder.write("w/closed.ts", `function ${canary}() {}`);
    const exclude: string[] = [];
    await start({ configuration: () => ({ exclude }) });
    await known(({ phase, files }) => phase === "idle" && files === 2);
    const isOnDisk = () =>
      readdirSync(folder.at("states")).some((name) =>
        readFileSync(join(folder.at("states"), name)).includes(canary),
      );
    const deadline = Date.now() + 30_000;
    while (!isOnDisk() && Date.now() < deadline) await sleep(20);
    assert.ok(isOnDisk(), "it is seen where it is");

    exclude.push("closed.ts");
    await changeSettings();
    const rest = await known(
      ({ phase, files }) => phase === "idle" && files === 1,
    );
    assert.equal(rest.files, 1);
    while (isOnDisk() && Date.now() < deadline) await sleep(20);
    assert.ok(!isOnDisk(), "the index on disk still has a name of it");
  });

  it("is indexed once there is a first folder, and again after there was none", async () => {
    await start({ folders: [] });
    const change = (added: string[], removed: string[]) => {
      const named = (uris: string[]) => uris.map((uri) => ({ uri, name: uri }));
      return server.connection.sendNotification(
        "workspace/didChangeWorkspaceFolders",
        { event: { added: named(added), removed: named(removed) } },
      );
    };
    for (let times = 0; times < 2; times++) {
      await change([uriOf("w")], []);
      await known(({ phase, files }) => phase === "idle" && files === 2);
      await change([], [uriOf("w")]);
    }
    // A second one while the first is about to be indexed.
    folder.write("v/other.ts", "const other = 1");
    for (const ms of [0, 1, 2, 5, 10]) {
      await change([uriOf("w")], []);
      await sleep(ms);
      await change([uriOf("v")], []);
      await known(({ phase, files }) => phase === "idle" && files === 3);
      await change([], [uriOf("w"), uriOf("v")]);
    }
  });

  it("asks for the settings of the innermost folder", async () => {
    folder.write("w/in ner/hidden.ts", "const hidden = 1");
    folder.write("w/in ner/seen.ts", "const seen = 1");
    // As some clients spell it, and with a slash at the end.
    const inner = `${uriOf("w/in ner").replace("in%20ner", "%69n%20ner")}/`;
    await start({
      folders: [uriOf("w"), inner],
      configuration: (scope) => ({
        exclude: scope === inner ? ["**/hidden.ts"] : [],
      }),
    });
    await known(({ phase, files }) => phase === "idle" && files === 3);
  });

  it("has no names of a library any more once that is excluded", async () => {
    folder.write("w/node_modules/p/package.json", '{"types": "i.d.ts"}');
    folder.write("w/node_modules/p/i.d.ts", "export const ofLibrary: 1;");
    const exclude: string[] = [];
    await start(
      { configuration: () => ({ exclude }) },
      'import { x } from "p";\nconst █',
    );
    await known(({ phase, libraries }) => phase === "idle" && libraries === 1);
    exclude.push("**/node_modules/**");
    await changeSettings();
    await known(({ phase, libraries }) => phase === "idle" && libraries === 0);
  });
});
