import { existsSync } from "node:fs";
import { extname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";
import type { DocumentState, ProjectMode } from "../src/protocol";
import { markdownTable } from "./markdownTable";
import { readMarkedPlaces, type MarkedPlace } from "./markedPlaces";
import { modelReady, startEngine } from "./startEngine";

const usage = `Usage: npm run -s bench:libraries -- FOLDER [--misses]

At places where the name of a library comes next (bench/libraries/places.txt), how often it is what
the server that was built last suggests by itself: with the file alone, and with what it imports. The
places lie in projects of their own, js, py, go, rs and c in FOLDER, with the packages that
bench/libraries/install.sh installs there; a project that is not there is left out.`;

const root = join(__dirname, "libraries");
/** Milliseconds to wait until indexing has begun. */
const startMs = 500;
const modes = ["openFiles", "on"] as const satisfies ProjectMode[];
const languageIds: Readonly<Record<string, string>> = {
  ".ts": "typescript",
  ".tsx": "typescriptreact",
  ".js": "javascript",
  ".py": "python",
  ".go": "go",
  ".rs": "rust",
  ".c": "c",
  ".cpp": "cpp",
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { misses: { type: "boolean", default: false } },
  });
  const [folder] = positionals;
  if (folder === undefined) {
    console.log(usage);
    return;
  }
  const all = readMarkedPlaces(join(root, "places.txt"));
  const projectOf = ({ file }: MarkedPlace) => file.split("/")[0]!;
  const rows: string[][] = [];
  for (const name of new Set(all.map(projectOf))) {
    const places = all.filter((place) => projectOf(place) === name);
    const project = join(folder, name);
    if (!existsSync(project)) continue;
    const right: string[] = [];
    for (const mode of modes) {
      const wrong = await misses(folder, project, places, mode);
      right.push(String(places.length - wrong.length));
      if (values.misses && mode === "on")
        for (const miss of wrong) console.log(miss);
    }
    rows.push([name, String(places.length), ...right]);
  }
  console.log(
    markdownTable(
      ["project", "places", "file alone", "with its libraries"],
      rows,
      "--:",
    ),
  );
}

/** The places without a right suggestion, each with the suggested text. */
async function misses(
  folder: string,
  project: string,
  places: readonly MarkedPlace[],
  mode: ProjectMode,
): Promise<string[]> {
  const { process: engine, connection } = startEngine();
  const ready = modelReady(connection);
  connection.listen();
  await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: null,
    workspaceFolders: [{ uri: pathToFileURL(project).href, name: "libraries" }],
    capabilities: { workspace: { workspaceFolders: true } },
    initializationOptions: {
      notifications: true,
      project: mode,
      // The result must not depend on the machine's speed.
      settings: { timeBudget: 10_000 },
    },
  });
  await connection.sendNotification("initialized", {});
  const wrong: string[] = [];
  for (const { file, text, offset, answers } of places) {
    const uri = pathToFileURL(join(folder, file)).href;
    const languageId = languageIds[extname(file)] ?? "plaintext";
    await connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri, languageId, version: 1, text },
    });
    await ready;
    // Indexing waits for a moment of quiet before it begins.
    await sleep(startMs);
    for (let isIdle = mode !== "on"; !isIdle; await sleep(50)) {
      const state = await connection.sendRequest<DocumentState>("rwkv/state", {
        textDocument: { uri },
      });
      isIdle = state.project?.phase === "idle";
    }
    const lines = text.slice(0, offset).split("\n");
    const { items } = await connection.sendRequest<{
      items: { insertText: string }[];
    }>("textDocument/inlineCompletion", {
      textDocument: { uri },
      position: { line: lines.length - 1, character: lines.at(-1)!.length },
      context: { triggerKind: 2 },
    });
    const shown = items[0]?.insertText ?? "";
    if (!answers.some((answer) => shown.startsWith(answer)))
      wrong.push(
        `${file}: ${lines.at(-1)!.trim()}█${answers[0]!}, shown: ${JSON.stringify(shown)}`,
      );
    await connection.sendNotification("textDocument/didClose", {
      textDocument: { uri },
    });
  }
  connection.dispose();
  engine.kill();
  return wrong;
}

void main();
