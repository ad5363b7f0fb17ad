import { bundledModel } from "../models/package/bundled";
import { loadModel } from "../runtime/loadedModel";
import { createServerConnection } from "./connection";
import { keepHeapSmall } from "./heap";
import { createServer } from "./server";
import { describe } from "./describe";
import { version } from "../../package.json";

const usage = `Usage: rwkv-language-server --stdio | --node-ipc | --socket=PORT | --pipe=NAME

A language server that completes code with a local RWKV model. It is configured through the
initializationOptions of the request "initialize".
`;

/** The engine process: started by the editor's extension, or by any LSP client as a program. */
function main(args: readonly string[]): void {
  if (args.includes("--help")) return void process.stdout.write(usage);
  if (args.includes("--version"))
    return void process.stdout.write(`${version}\n`);
  if (!args.some((arg) => /^--(stdio|node-ipc|socket|pipe)(=|$)/.test(arg))) {
    process.stderr.write(usage);
    process.exitCode = 2;
    return;
  }
  keepHeapSmall();
  const connection = createServerConnection();
  // With --stdio the library ends the process when the editor has ended; over IPC it does not.
  process.on("disconnect", () => process.exit(1));
  process.on("uncaughtException", (error) =>
    connection.console.error(describe(error)),
  );
  process.on("unhandledRejection", (error) =>
    connection.console.error(describe(error)),
  );
  createServer(connection, {
    version,
    load: loadModel,
    bundledModel: bundledModel(),
  });
  connection.listen();
}

main(process.argv.slice(2));
