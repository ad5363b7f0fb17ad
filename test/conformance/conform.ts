import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { architectureOf } from "../../src/models/formats/architecture";
import {
  openCheckpoint,
  type CheckpointWeights,
} from "../../src/models/formats/open";
import { largestDifference, runInChunks, withModel } from "../engine/harness";
import { reference } from "../engine/reference";

/** The prompt of rwkv.cpp's test suite, whose tiny models have a vocabulary of bytes. */
const prompt = [...Buffer.from('"in')];

/** How a checkpoint fared. Differences are the largest of any logit after the prompt. */
export interface Conformance {
  model: string;
  /** The file's own word for it where its name has one ("5v2"): rwkv.cpp's numbers differ in 5.x. */
  generation: string;
  container: string;
  /** FP32, FP16, Q5_1 … */
  format: string;
  /** Token by token, and as one sequence; see `conform` for what they are measured against. */
  maxAbsDiffSerial: number;
  maxAbsDiffSequence: number;
  pass: boolean;
  /** Distance to the expected logits, where there are some and the file's numbers are rounded. */
  maxAbsDiffExpected?: number;
  /** Why the checkpoint could not be measured. */
  error?: string;
}

export interface Pair {
  checkpoint: string;
  /** A file of float32 logits. */
  expected: string | undefined;
}

/**
 * Checkpoints below a folder: `tiny-rwkv-X-TYPE.bin` (or .pth, .safetensors, .gguf) goes with
 * `expected-logits-X.bin` from the same folder or else from anywhere below.
 */
export function findCheckpoints(folder: string): Pair[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const logits = files.filter((path) => expectedName.test(basename(path)));
  return files
    .filter((path) => checkpointName.test(path) && !logits.includes(path))
    .map((checkpoint) => {
      const [, x] = pairedName.exec(basename(checkpoint)) ?? [];
      const candidates = logits.filter(
        (path) => basename(path) === `expected-logits-${x}.bin`,
      );
      const beside = candidates.find(
        (path) => dirname(path) === dirname(checkpoint),
      );
      return { checkpoint, expected: beside ?? candidates[0] };
    });
}

const checkpointName = /\.(bin|pth|safetensors|gguf)$/;
const expectedName = /^expected-logits-.+\.bin$/;
const pairedName = /^tiny-rwkv-(.+)-[^-]+\.[a-z]+$/;

/**
 * Reads the prompt with our engine, token by token and as one sequence. FP32 passes within 1e-4 of
 * the expected logits. A file of rounded numbers passes within 1e-3 of a double-precision forward
 * over the numbers that it holds, and so does one without expected logits.
 */
export async function conform({
  checkpoint,
  expected,
}: Pair): Promise<Conformance> {
  const model = basename(checkpoint);
  let weights: CheckpointWeights | undefined;
  try {
    weights = openCheckpoint(checkpoint);
    const { generation } = architectureOf(weights);
    // It is rwkv.cpp that computed the expected logits, with this ε in RWKV-5; no file holds it.
    const headNormEpsilon = generation.startsWith("5") ? 1e-5 : 64e-5;
    const exact = reference(generation, weights, {
      head: headNormEpsilon,
    });
    const own = prompt.map((token) => exact.step(token)).at(-1)!;
    const given = expected === undefined ? undefined : readFloats(expected);
    const strict = weights.format === "FP32" && given !== undefined;
    const target = strict ? given : own;

    const [serial, sequence] = await withModel(
      generation,
      weights,
      async (engine) => {
        const last = async (lengths: number[]) =>
          (await runInChunks(engine, prompt, lengths)).logits.at(-1)!;
        return [await last([1, 1, 1]), await last([prompt.length])] as const;
      },
      { headNormEpsilon },
    );
    const maxAbsDiffSerial = largestDifference(serial, target);
    const maxAbsDiffSequence = largestDifference(sequence, target);
    return {
      model,
      generation: namedGeneration(model) ?? generation,
      container: weights.container,
      format: weights.format,
      maxAbsDiffSerial,
      maxAbsDiffSequence,
      pass:
        Math.max(maxAbsDiffSerial, maxAbsDiffSequence) <=
        (strict ? 1e-4 : 1e-3),
      ...(given !== undefined && !strict
        ? { maxAbsDiffExpected: largestDifference(sequence, given) }
        : {}),
    };
  } catch (error) {
    return {
      model,
      generation: namedGeneration(model) ?? "unknown",
      container: weights?.container ?? "unknown",
      format: weights?.format ?? "unknown",
      maxAbsDiffSerial: Infinity,
      maxAbsDiffSequence: Infinity,
      pass: false,
      error: (error as Error).message,
    };
  } finally {
    weights?.close();
  }
}

/** "5.2" from a name with "5v2", "7" from one with "7v0". */
function namedGeneration(model: string): string | undefined {
  const [, major, minor] = /^tiny-rwkv-(\d)v(\d)-/.exec(model) ?? [];
  if (major === undefined) return undefined;
  return minor === "0" && major !== "5" ? major : `${major}.${minor}`;
}

function readFloats(path: string): Float32Array {
  const bytes = readFileSync(path);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) =>
    bytes.readFloatLE(4 * i),
  );
}
