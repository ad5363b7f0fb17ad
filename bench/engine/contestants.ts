import { spawnSync } from "node:child_process";
import type { Quantisation } from "../../src/engine/quantise";
import { EngineProcess, type MeasuredEngine } from "./engineProcess";
import { LlamaBench, llamaBenchProgram } from "./llamaBench";
import { ggufTypes, type BenchModel } from "./models";
import { nodeLlamaModule } from "./nodeLlama";
import type { Settings } from "./runner";

/** Settings other than the number of threads. */
export type Tuning = Omit<Settings, "threads">;

/** An engine with a form of the weights, and the settings to try. */
export interface Contestant {
  readonly engine: "ours" | "node-llama-cpp" | "llama-bench" | "rwkv (pip)";
  readonly weights: string;
  /** Whether copies and n-grams are mixed in, which only our engine can. */
  readonly copying: boolean;
  readonly tunings: readonly Tuning[];
  open(): MeasuredEngine;
}

const ourTunings = [64, 128, 256, 512].map((chunk) => ({ chunk }));
const llamaTunings = [
  ...[512, 64, 128, 256, 2048].map((batchSize) => ({
    batchSize,
    flashAttention: false,
  })),
  { batchSize: 512, flashAttention: true },
];

/** All engines that are on this machine; says on stderr how to get the others. */
export function contestants(model: BenchModel): Contestant[] {
  return [
    ...ours(model),
    ...nodeLlama(model),
    ...llamaBench(model),
    ...rwkvPip(model),
  ];
}

function ours({ ours: packageOf, vocabulary, copy }: BenchModel): Contestant[] {
  const engine = (
    quantisation: Quantisation,
    weights: string,
    copying: boolean,
  ) => ({
    engine: "ours" as const,
    weights,
    copying,
    tunings: ourTunings,
    open: () =>
      EngineProcess.node({
        ours: packageOf(quantisation),
        vocabulary,
        ...(copying && copy && { copy }),
      }),
  });
  return [
    engine("int8", "8-bit", false),
    engine("int4", "4-bit", false),
    ...(copy ? [engine("int8", "8-bit", true)] : []),
  ];
}

function nodeLlama({ gguf }: BenchModel): Contestant[] {
  const module = nodeLlamaModule();
  if (module === undefined) {
    console.error(
      "node-llama-cpp is not found, so there are no ratios; install it outside the project (npm install --ignore-scripts --omit=optional node-llama-cpp@3 @node-llama-cpp/PLATFORM, such as linux-x64) and name the folder in NODE_LLAMA_CPP",
    );
    return [];
  }
  return ggufTypes.map((weights) => ({
    engine: "node-llama-cpp",
    weights,
    copying: false,
    tunings: llamaTunings,
    open: () => EngineProcess.node({ nodeLlama: module, gguf: gguf(weights) }),
  }));
}

function llamaBench({ gguf }: BenchModel): Contestant[] {
  const program = llamaBenchProgram();
  if (program === undefined) {
    console.error(
      "llama-bench is not found, so llama.cpp's own loop is left out; build that target of llama.cpp and name the program in LLAMA_BENCH",
    );
    return [];
  }
  return ggufTypes.map((weights) => ({
    engine: "llama-bench",
    weights,
    copying: false,
    tunings: llamaTunings,
    open: () => new LlamaBench(program, gguf(weights)),
  }));
}

function rwkvPip(model: BenchModel): Contestant[] {
  const python = process.env.PYTHON ?? "python3";
  const { status } = spawnSync(python, ["-c", "import torch, rwkv.model"]);
  if (status !== 0) {
    console.error(
      "the rwkv package is not found, so it is left out; install rwkv and torch with pip and name that Python in PYTHON",
    );
    return [];
  }
  return [
    {
      engine: "rwkv (pip)",
      weights: "fp32",
      copying: false,
      tunings: [{}],
      open: () => EngineProcess.python(python, model.pth()),
    },
  ];
}
