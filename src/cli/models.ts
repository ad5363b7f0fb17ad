import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  defaultEndpoint,
  parseEndpoint,
  tokenOfEnvironment,
  type Source,
} from "../download/endpoint";
import { impatientPolicy } from "../download/retry";
import { measureBandwidth } from "../models/catalogue/bandwidth";
import { offeredSizes, officialSizes } from "../models/catalogue/catalogue";
import {
  needs,
  tokensPerSecond,
  type Needs,
} from "../models/catalogue/estimate";
import { obtainCheckpoint, removeDownload } from "../models/catalogue/obtain";
import {
  officialCheckpoints,
  ofSize,
  type OfficialCheckpoint,
} from "../models/catalogue/official";
import { importInChild } from "../models/import/importProcess";
import { ModelError } from "../models/modelError";
import { bundledModel } from "../models/package/bundled";
import {
  installedModels,
  manifestOf,
  type InstalledModel,
} from "../models/package/installed";
import { quantisations } from "../models/package/manifest";
import { deletePackage } from "../models/package/packageFolder";
import { weightBytes } from "../models/package/weightBytes";
import { fileSize } from "../text/bytes";
import { importSummary } from "./importSummary";
import { progressLine } from "./progressLine";
import { stoppedBySignals } from "./stoppedBySignals";

const usage = `Usage: rwkv-models list [--available] [--models FOLDER] [--endpoint URL]
       rwkv-models get SIZE|NAME [--quantize int8|int4|none] [--keep] [--models FOLDER] [--endpoint URL]
       rwkv-models rm NAME [--models FOLDER]

list shows the bundled model and the models in the folder; with --available also the official checkpoints.
get downloads an official checkpoint (0.1B, 0.4B, 1.5B, 2.9B: the newest of that size) and makes a model of it.
An interrupted download continues. --keep keeps the checkpoint after that.
rm deletes a model.

--models is by default ~/.rwkv/models, --endpoint is by default $HF_ENDPOINT or ${defaultEndpoint}.
$HF_TOKEN is sent to that endpoint only.`;

const options = {
  available: { type: "boolean", default: false },
  keep: { type: "boolean", default: false },
  quantize: { type: "string", default: "int8" },
  models: { type: "string", default: join(homedir(), ".rwkv", "models") },
  endpoint: {
    type: "string",
    default: process.env.HF_ENDPOINT || defaultEndpoint,
  },
  help: { type: "boolean", default: false },
} as const;

type Values = ReturnType<typeof parse>["values"];

function parse() {
  return parseArgs({ allowPositionals: true, options });
}

/** The command line: lists, downloads and deletes models. */
async function main(): Promise<void> {
  const { values, positionals } = parse();
  const [command, name, ...more] = positionals;
  const signal = stoppedBySignals("cancelled; what was downloaded is kept");
  if (values.help || more.length > 0) throw new Error(usage);
  if (command === "list" && name === undefined) await list(values, signal);
  else if (command === "get" && name !== undefined)
    await get(name, values, signal);
  else if (command === "rm" && name !== undefined) remove(name, values);
  else throw new Error(usage);
}

async function list(values: Values, signal: AbortSignal): Promise<void> {
  const bandwidth = await measureBandwidth();
  const folder = bundledModel();
  const bundled = { name: "bundled", folder, manifest: manifestOf(folder) };
  for (const model of [bundled, ...installedModels(values.models)])
    console.log(describe(model, bandwidth));
  if (values.available) {
    const source = sourceOf(values);
    for (const each of await official(source, signal))
      console.log(describeAvailable(each.name, each.size, each, bandwidth));
    return;
  }
  for (const sizeName of offeredSizes) {
    const size = officialSizes.find((each) => each.sizeName === sizeName)!;
    const { bytes } = size;
    console.log(describeAvailable(sizeName, bytes, { sizeName }, bandwidth));
  }
}

async function get(
  name: string,
  values: Values,
  signal: AbortSignal,
): Promise<void> {
  const quantisation = quantisations.find((each) => each === values.quantize);
  if (quantisation === undefined) throw new Error(usage);
  const source = sourceOf(values);
  const all = await official(source, signal);
  const checkpoint = find(all, name);
  const models = resolve(values.models);
  mkdirSync(models, { recursive: true });
  const show = progressLine();
  const total = checkpoint.size;
  const obtained = await obtainCheckpoint(
    checkpoint,
    models,
    quantisation,
    source,
    {
      signal,
      onBytes: (done) => show({ step: "downloading", done, total }),
      onWait: (ms, error) =>
        console.error(
          `${error.message}; next try in ${Math.ceil(ms / 1000)} s`,
        ),
    },
  );
  const folder = join(models, checkpoint.name);
  const report = await importInChild(obtained.checkpoint, folder, {
    quantisation,
    tokenizer: obtained.tokenizer,
    name: checkpoint.name,
    license: checkpoint.license,
    signal,
    onProgress: show,
  });
  if (!values.keep) await removeDownload(obtained);
  console.log(importSummary(report, folder));
}

function official(
  source: Source,
  signal: AbortSignal,
): Promise<OfficialCheckpoint[]> {
  return officialCheckpoints(source, { signal, policy: impatientPolicy });
}

/**
 * The newest checkpoint of the size `name`, or the checkpoint with that name.
 *
 * @param all the newest first
 * @throws Error that lists the names, if there is none
 */
function find(
  all: readonly OfficialCheckpoint[],
  name: string,
): OfficialCheckpoint {
  const wanted = name.toLowerCase();
  const [found] = [
    ...ofSize(all, name.toUpperCase()),
    ...all.filter(({ path }) =>
      [wanted, `${wanted}.pth`].includes(path.toLowerCase()),
    ),
  ];
  if (found !== undefined) return found;
  const names = all.map((each) => `  ${each.name}`).join("\n");
  throw new Error(
    `there is no official checkpoint ${name}; choose one of\n${names}`,
  );
}

function remove(name: string, { models }: Values): void {
  const found = installedModels(models).find((each) => each.name === name);
  if (found === undefined)
    throw new Error(
      `${models} has no model ${name}; "rwkv-models list" tells which there are`,
    );
  deletePackage(found.folder);
  console.log(`${found.folder} is deleted`);
}

function sourceOf({ endpoint }: Values): Source {
  const url = parseEndpoint(endpoint);
  return { endpoint: url, token: tokenOfEnvironment(url, process.env) };
}

function describe(
  { name, folder, manifest }: InstalledModel,
  bandwidth: number,
): string {
  if (manifest instanceof ModelError) return `${name}\t${manifest.message}`;
  const { generation, quantisation, license } = manifest;
  return [
    name,
    `RWKV-${generation}`,
    quantisation,
    license,
    memoryAndSpeed(weightBytes(manifest), bandwidth),
    folder,
  ].join("\t");
}

function describeAvailable(
  name: string,
  bytes: number,
  { sizeName }: { sizeName: string },
  bandwidth: number,
): string {
  const to = needs(bytes, sizeName, "int8");
  return [
    name,
    "available",
    `${fileSize(bytes)} to download`,
    memoryAndSpeed(to, bandwidth),
  ].join("\t");
}

function memoryAndSpeed(
  { bytes, bytesPerToken }: Needs,
  bandwidth: number,
): string {
  const speed = tokensPerSecond(bandwidth, bytesPerToken).toPrecision(2);
  return `${fileSize(bytes)} of memory\tabout ${Number(speed)} tokens/s`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
});
