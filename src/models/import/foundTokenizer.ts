import type { TokenizerSpec } from "../../tokenizer/open";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import type { Manifest } from "../package/manifest";

/** A model's tokenizer, found, and how it gets into the package. */
export interface FoundTokenizer {
  readonly tokenizer: Tokenizer;
  readonly spec: TokenizerSpec;
  readonly documentStart: Manifest["documentStart"];
  /** Contents of the tokenizer's file or the file to copy; none for bytes. */
  readonly file?: { readonly contents: string } | { readonly source: string };
}
