import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import type { LoadedModel, LoadOptions } from "../../src/runtime/loadedModel";
import { ModelError } from "../../src/models/modelError";
import { createServer } from "../../src/server/server";
import { fakeLoadedModel, FakeModel, scripted } from "./fakeModel";

/**
 * The server as a process, with fake models: `--fake=JSON` holds {@link FakeServerOptions}. The
 * request `test/figures` tells what the models have computed.
 */
export interface FakeServerOptions {
  /** Texts that the models write. */
  texts: string[];
  /** A piece of text that is written over and over where no text fits. */
  endless?: string;
  stepMs?: number;
  loadMs?: number;
}

export interface Figures {
  /** Runs of all models, and how often models were loaded. */
  runs: number;
  loads: number;
  disposed: number;
}

const models: FakeModel[] = [];

async function load(
  folder: string,
  { signal }: LoadOptions,
): Promise<LoadedModel> {
  loads++;
  await new Promise((resolve) => setTimeout(resolve, options.loadMs ?? 0));
  signal.throwIfAborted();
  const name = folder.split(/[/\\]/).at(-1)!;
  if (name.startsWith("broken"))
    throw new ModelError(`the model in ${name} is broken; import it again`);
  const known = scripted(...options.texts);
  const model = new FakeModel({
    script: (before) => {
      const text = known(before);
      if (text !== "" || options.endless === undefined) return text;
      const { endless } = options;
      return endless.slice(before.length % endless.length) + endless;
    },
    ...(options.stepMs !== undefined && { stepMs: options.stepMs }),
  });
  models.push(model);
  return fakeLoadedModel(model, name);
}

let loads = 0;
const given = process.argv.find((arg) => arg.startsWith("--fake="));
const options = JSON.parse(
  given?.slice("--fake=".length) ?? '{"texts":[]}',
) as FakeServerOptions;

const connection = createConnection(ProposedFeatures.all);
connection.onRequest("test/figures", (): Figures => ({
  runs: models.reduce((sum, { runs }) => sum + runs, 0),
  loads,
  disposed: models.filter(({ disposed }) => disposed).length,
}));
createServer(connection, {
  version: "0.0.0-test",
  load,
  bundledModel: "/models/bundled",
});
connection.listen();
