import { ModelError } from "../modelError";
import type { Architecture } from "./architecture";
import type { CheckpointWeights } from "./checkpoint";
import type { ModelConfig } from "./modelConfig";

/** ε of every norm of a network, for `BuildOptions`, which explains the fields. */
export interface NormEpsilons {
  normEpsilon: number;
  outNormEpsilon: number;
  headNormEpsilon: number;
}

/** ε in the official code, RWKV-LM's `model.py`: 10⁻⁵, and 10⁻⁵ · 8² in the norm per head. */
export const officialEpsilons: NormEpsilons = {
  normEpsilon: 1e-5,
  outNormEpsilon: 1e-5,
  headNormEpsilon: 64e-5,
};

/**
 * Finds the ε that the checkpoint's own code adds to variances. Tensors do not contain it. It is taken
 * from a GGUF's metadata or from the `config.json` beside the file; else it is the official one.
 *
 * @throws ModelError if `config.json` is that of another model, has impossible values, or names an
 *   activation that is not supported
 */
export function normEpsilons(
  checkpoint: CheckpointWeights,
  architecture: Architecture,
): NormEpsilons {
  const { config, container, metadata, path } = checkpoint;
  if (container === "rwkv.cpp") {
    // rwkv.cpp computes RWKV-5 with another ε than the official code, so its files need that ε.
    return architecture.generation.startsWith("5")
      ? { ...officialEpsilons, headNormEpsilon: 1e-5 }
      : officialEpsilons;
  }
  if (container === "gguf") {
    const family = String(metadata.get("general.architecture"));
    const key = `${family}.attention.layer_norm_epsilon`;
    const epsilon = metadata.get(key);
    if (epsilon === undefined) return officialEpsilons;
    // In llama.cpp's graph, ε of the norm per head is a constant (llm_build_rwkv7_base: 64e-5).
    return {
      ...officialEpsilons,
      ...ofEveryNorm(positive(path, key, epsilon)),
    };
  }
  if (config === undefined) return officialEpsilons;
  refuseOtherModel(config, architecture);
  return configured(config, architecture);
}

/**
 * ε from a `config.json`, as the code that it is written for uses it:
 * - flash-linear-attention (`fla/models/rwkv7`, `fla/layers/rwkv7.py`): `norm_eps` in every layer norm,
 *   and `norm_eps` times the head size in the norm per head. Its RWKV-6 uses `norm_eps` itself in the
 *   norm per head. But the weights come from official checkpoints, which were trained with 64 times as
 *   much, so that is used here.
 * - transformers' RWKV-4 and the repositories of RWKV-5 and 6 (`modeling_rwkv*.py`):
 *   `layer_norm_epsilon` in the blocks, 10⁻⁵ before the head, 10⁻⁵ `head_size_divisor`² per head.
 */
function configured(
  { path, fields }: ModelConfig,
  { generation, headSize }: Architecture,
): NormEpsilons {
  const isRwkv7 = generation.startsWith("7");
  const given = (key: string) =>
    fields[key] === undefined || fields[key] === null
      ? undefined
      : positive(path, key, fields[key]);
  const epsilon = given("norm_eps") ?? given("layer_norm_eps");
  if (epsilon !== undefined) {
    const headNormEpsilon = (isRwkv7 ? headSize : 64) * epsilon;
    return { ...ofEveryNorm(epsilon), headNormEpsilon };
  }
  const inBlocks = given("layer_norm_epsilon") ?? 1e-5;
  const divisor = Number(fields.head_size_divisor ?? 8);
  if (!(divisor > 0 && divisor < 1000))
    throw invalid(path, "head_size_divisor", fields.head_size_divisor);
  return {
    normEpsilon: inBlocks,
    outNormEpsilon: isRwkv7 ? inBlocks : 1e-5,
    headNormEpsilon: 1e-5 * divisor ** 2,
  };
}

function ofEveryNorm(epsilon: number) {
  return { normEpsilon: epsilon, outNormEpsilon: epsilon };
}

function positive(path: string, key: string, value: unknown): number {
  if (typeof value !== "number" || !(value > 0 && value < 1))
    throw invalid(path, key, value);
  return value;
}

function invalid(path: string, key: string, value: unknown): ModelError {
  const shown = JSON.stringify(value).slice(0, 80);
  return new ModelError({
    code: "config impossible",
    args: [path, key, shown],
  });
}

/** Names of the activation relu(x)² in flash-linear-attention and transformers. */
const squaredRelu = ["sqrelu", "relu2", "relu_squared", "squared_relu"];

/** @throws ModelError if sizes or activation in `config.json` differ from the checkpoint's */
function refuseOtherModel(
  { path, fields }: ModelConfig,
  { generation, layers, width }: Architecture,
): void {
  const sizes: [string, number][] = [
    ["num_hidden_layers", layers],
    ["hidden_size", width],
  ];
  for (const [key, found] of sizes) {
    const said = fields[key];
    if (typeof said === "number" && said !== found) {
      throw new ModelError({
        code: "config of another model",
        args: [path, key, said, found],
      });
    }
  }
  const activation = fields.hidden_act;
  if (typeof activation === "string" && !squaredRelu.includes(activation)) {
    throw new ModelError({
      code: "config activation",
      args: [path, JSON.stringify(activation.slice(0, 80)), generation],
    });
  }
}
