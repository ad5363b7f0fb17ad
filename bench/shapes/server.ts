/** The language server with a model that writes what it is told; started by ./typing.ts with its folder. */
import {
  loadModel,
  type LoadedModel,
  type LoadOptions,
} from "../../src/runtime/loadedModel";
import { Runtime } from "../../src/runtime/runtime";
import { createServerConnection } from "../../src/server/connection";
import { createServer } from "../../src/server/server";
import { ScriptedNetwork, type Script } from "./scriptedNetwork";

const folder = process.argv[2]!;
let script: Script = { typed: "", toWrite: "" };

async function load(_: string, options: LoadOptions): Promise<LoadedModel> {
  const loaded = await loadModel(folder, options);
  const { tokenizer, sources } = loaded;
  const network = new ScriptedNetwork(loaded.network, tokenizer, () => script);
  return {
    ...loaded,
    network,
    runtime: new Runtime(network, {
      budgetBytes: options.memoryBudget,
      tokenizer,
      ...sources,
    }),
  };
}

const connection = createServerConnection();
connection.onNotification("bench/script", (next: Script) => {
  script = next;
});
createServer(connection, {
  version: "0.0.0-bench",
  load,
  bundledModel: folder,
});
connection.listen();
