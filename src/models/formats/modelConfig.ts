import { detailOf } from "../../messages";
import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { ModelError } from "../modelError";

/** A Hugging Face `config.json`: what the weights' own code computes them with. */
export interface ModelConfig {
  readonly path: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Those of language models have a few kilobytes. */
const largest = 1 << 20;

/**
 * The `config.json` in the folder of the weights at `path`, unless it says that it is another kind of
 * model's.
 *
 * @throws ModelError if there is one that cannot be read
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
