import { message } from "../../src/messages";
import type { LoadedModel, LoadOptions } from "../../src/runtime/loadedModel";
import { tableGate } from "../../src/engine/tableGate";
import { ModelError } from "../../src/models/modelError";
import { createServerConnection } from "../../src/server/connection";
import { createServer } from "../../src/server/server";
import { loadTortureModel } from "./tortureModel";
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
  /** The logit of what the models write, and whether they copy. */
  certainty?: number;
  copies?: boolean;
  /** Whether places where the text was alike are compared with. */
  vectors?: boolean;
  loadMs?: number;
  /** The models of the torture, which write nothing of all this. */
  torture?: "copies" | "checks";
}

export interface Figures {
  /** Runs of all models, and how often models were loaded. */
  runs: number;
  loads: number;
  disposed: number;
  /** Tokens that all models were given, and bytes that were tokenised for them. */
  tokens: number;
  tokenisedBytes: number;
}

const models: FakeModel[] = [];

async function load(folder: string, given: LoadOptions): Promise<LoadedModel> {
  loads++;
  const { signal } = given;
  if (options.torture !== undefined)
    return loadTortureModel(options.torture === "copies", given);
  await new Promise((resolve) => setTimeout(resolve, options.loadMs ?? 0));
  signal.throwIfAborted();
  const name = folder.split(/[/\\]/).at(-1)!;
  if (name.startsWith("broken"))
    throw new ModelError({
      code: "model not loadable",
      args: [name, message("not regular")],
    });
  const known = scripted(...options.texts);
  const model = new FakeModel({
    script: (before) => {
      const text = known(before);
      if (text !== "" || options.endless === undefined) return text;
      const { endless } = options;
      return endless.slice(before.length % endless.length) + endless;
    },
    ...(options.stepMs !== undefined && { stepMs: options.stepMs }),
    ...(options.certainty !== undefined && { certainty: options.certainty }),
    ...(options.vectors === true && { vectorWidth: 1 }),
  });
  models.push(model);
  const gate = options.copies ? tableGate() : undefined;
  return fakeLoadedModel(model, name, gate);
}

let loads = 0;
const given = process.argv.find((arg) => arg.startsWith("--fake="));
const options = JSON.parse(
  given?.slice("--fake=".length) ?? '{"texts":[]}',
) as FakeServerOptions;

const connection = createServerConnection();
const sumOf = (figure: (model: FakeModel) => number) =>
  models.reduce((sum, model) => sum + figure(model), 0);
connection.onRequest("test/figures", (): Figures => ({
  runs: sumOf(({ runs }) => runs),
  tokens: sumOf(({ tokens }) => tokens),
  tokenisedBytes: sumOf(({ tokenizer }) => tokenizer.tokenisedBytes),
  loads,
  disposed: models.filter(({ disposed }) => disposed).length,
}));
createServer(connection, {
  version: "0.0.0-test",
  load,
  bundledModel: "/models/bundled",
});
connection.listen();
