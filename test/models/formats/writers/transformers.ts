import type { Tensor, Tensors } from "./memoryWeights";

/** Official RWKV-4 or 5 tensors under the names of transformers and of the Hugging Face repositories. */
export function asTransformers(tensors: Tensors): Map<string, Tensor> {
  return new Map(
    [...tensors].map(([name, tensor]) => [
      name
        .replace(/^emb/, "rwkv.embeddings")
        .replace(/^ln_out/, "rwkv.ln_out")
        .replace(/^blocks/, "rwkv.blocks")
        .replace(".ln0.", ".pre_ln.")
        .replace(".att.", ".attention.")
        .replace(".ffn.", ".feed_forward.")
        .replace(/_mix_k$/, "_mix_key")
        .replace(/_mix_v$/, "_mix_value")
        .replace(/_mix_r$/, "_mix_receptance")
        .replace(/_mix_g$/, "_mix_gate"),
      tensor,
    ]),
  );
}
