import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NeoxTokenizer } from "../../../src/tokenizer/neox";
import type { Tokenizer } from "../../../src/tokenizer/tokenizer";
import { WorldTokenizer } from "../../../src/tokenizer/world";

/** Tokenizers that others have made, with their files, which stay outside of this repository. */
export interface ReferenceTokenizer {
  readonly kind: "world" | "neox";
  readonly path: string;
  load(): Tokenizer;
}

const folder = join(
  __dirname,
  ...["..", "..", "..", "..", "shared", "fixtures", "tokenizers"],
);

export const referenceTokenizers: readonly ReferenceTokenizer[] = [
  {
    kind: "world" as const,
    path: join(folder, "rwkv_vocab_v20230424.txt"),
    load() {
      return WorldTokenizer.parse(readFileSync(this.path, "utf8"));
    },
  },
  {
    kind: "neox" as const,
    path: join(folder, "20B_tokenizer.json"),
    load() {
      return new NeoxTokenizer(JSON.parse(readFileSync(this.path, "utf8")));
    },
  },
].filter(({ path }) => existsSync(path));

/** Strings in the stored hashes, and the seed that they are made from. */
export const stored = { seed: 20230424, count: 400 };

/** The start of a sha256 of token ids. */
export function hashOfIds(ids: readonly number[]): string {
  return createHash("sha256").update(ids.join(" ")).digest("hex").slice(0, 12);
}
