import { detailOf } from "../../messages";
import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { ModelError } from "../modelError";

/** A Hugging Face `config.json`: the settings with which the model's original code computes it. */
export interface ModelConfig {
  readonly path: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The largest `config.json` that is read, in bytes. Those of language models have a few kilobytes. */
const largest = 1 << 20;

/**
 * Reads the `config.json` in the folder of the weights. Undefined if there is none, or if it belongs to
 * something else: it is larger than a megabyte, is no object, or has a `model_type` without "rwkv".
 *
 * @param path of the weights
 * @throws ModelError if it cannot be read or is not JSON
 */
export function configBeside(path: string): ModelConfig | undefined {
  const config = join(dirname(path), "config.json");
  const stats = statSync(config, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile() || stats.size > largest)
    return undefined;
  let fields: unknown;
  try {
    fields = JSON.parse(readFileSync(config, "utf8"));
  } catch (error) {
    throw new ModelError(
      {
        code: "config unreadable",
        args: [config, detailOf(error), path],
      },
      { cause: error },
    );
  }
  if (typeof fields !== "object" || fields === null || Array.isArray(fields))
    return undefined;
  const { model_type: type } = fields as Record<string, unknown>;
  const isOther = typeof type === "string" && !/rwkv/i.test(type);
  return isOther
    ? undefined
    : { path: config, fields: fields as Record<string, unknown> };
}
