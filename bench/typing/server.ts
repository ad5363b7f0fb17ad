/** The language server with a model that writes what it is told; started by ../typing.ts. */
import { join } from "node:path";
import { OnnxModel } from "../../src/engine/onnxModel";
import { tableGate } from "../../src/engine/tableGate";
import { graphFile } from "../../src/models/package/manifest";
import { openModelPackage } from "../../src/models/package/modelPackage";
import type { LoadedModel, LoadOptions } from "../../src/runtime/loadedModel";
import { Runtime } from "../../src/runtime/runtime";
import { createServerConnection } from "../../src/server/connection";
import { createServer } from "../../src/server/server";
import { openTokenizer } from "../../src/tokenizer/open";
import { encode } from "../../src/tokenizer/tokenizer";
import { benchModel, shapes } from "../engine/models";
import { ScriptedNetwork } from "./scriptedNetwork";

/** Where the tokens come from: those of the bundled model fit into the larger vocabulary. */
const tokenizerFolder = join(__dirname, "..", "..", "media", "model");

const shape = shapes.find((name) => process.argv.includes(name))!;
const { ours, vocabulary } = benchModel(shape);
let network: ScriptedNetwork | undefined;

async function load(_: string, options: LoadOptions): Promise<LoadedModel> {
  const { tokenizer: spec } = await openModelPackage(
    tokenizerFolder,
    options.signal,
  );
  const tokenizer = openTokenizer(tokenizerFolder, spec);
  network = new ScriptedNetwork(
    await OnnxModel.load(
      join(ours("int8"), graphFile),
      vocabulary,
      options.threads,
    ),
    tokenizer,
  );
  const sources = { firstText: 0, gate: tableGate() };
  return {
    name: shape,
    description: `${network.msPerToken.toFixed(1)} ms/token`,
    tokenizer,
    network,
    sources,
    runtime: new Runtime(network, {
      budgetBytes: options.memoryBudget,
      tokenizer,
      ...sources,
    }),
    weightBytes: 0,
    documentStart: () => [0],
    dispose: () => network!.dispose(),
  };
}

const connection = createServerConnection();
connection.onNotification(
  "bench/script",
  (script: { typed: string; toWrite: string }) => {
    if (network) Object.assign(network, script);
  },
);
connection.onRequest("bench/figures", ({ text }: { text: string }) => ({
  tokens: encode(
    (network as unknown as { tokenizer: Parameters<typeof encode>[0] })
      .tokenizer,
    Buffer.from(text),
  ).length,
  msPerToken: network!.msPerToken,
}));
createServer(connection, {
  version: "0.0.0-bench",
  load,
  bundledModel: tokenizerFolder,
});
connection.listen();
