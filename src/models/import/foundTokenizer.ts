import type { TokenizerSpec } from "../../tokenizer/open";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import type { Manifest } from "../package/manifest";

/** The tokenizer of a checkpoint, and what the package takes from it. */
export interface FoundTokenizer {
  readonly tokenizer: Tokenizer;
  /** Its kind, and the name of its file in the package. */
  readonly spec: TokenizerSpec;
  readonly documentStart: Manifest["documentStart"];
  /** The contents of that file, or the path to copy it from. The byte tokenizer has no file. */
  readonly file?: { readonly contents: string } | { readonly source: string };
}
