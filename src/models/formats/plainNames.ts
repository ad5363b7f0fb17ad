import { message } from "../../messages";
import { quoted, type ByteFile } from "./byteFile";

/** Parts of names that wrappers of modules leave, wherever they stand (PyTorch, DeepSpeed, FSDP). */
const wrapperParts = new Set([
  "module",
  "_module",
  "_orig_mod",
  "_forward_module",
  "_fsdp_wrapped_module",
  "_checkpoint_wrapped_module",
]);

/** The embedding: what stands before it stands before all names, and is no part of them. */
const embedding = /^(.*\.)?(?:emb|embeddings)\.weight$/;

/** Whether a tensor of this name may be a network's embedding. */
export function isEmbedding(name: string): boolean {
  return embedding.test(name);
}

/**
 * Tensors under their names within the network: `module.`, `_orig_mod.` and their like are dropped
 * wherever they stand, `model.`, `rwkv.` and other prefixes of the whole where names begin.
 *
 * @throws ModelError if two tensors get one name
 */
export function plainNames<T>(
  file: ByteFile,
  tensors: ReadonlyMap<string, T>,
): Map<string, T> {
  const prefix = prefixOf([...tensors.keys()].map(withoutWrappers));
  const plain = new Map<string, T>();
  for (const [name, tensor] of tensors) {
    const parts = withoutWrappers(name).split(".");
    let at = 0;
    while (at < prefix.length && parts[at] === prefix[at]) at++;
    const to = parts.slice(at).join(".");
    if (plain.has(to)) {
      throw file.refusal(message("two networks", quoted(name), quoted(to)));
    }
    plain.set(to, tensor);
  }
  return plain;
}

function withoutWrappers(name: string): string {
  const parts = name.split(".");
  const kept = parts.filter((part) => !wrapperParts.has(part));
  return kept.length === parts.length ? name : kept.join(".");
}

/** The shortest one that an embedding has. */
function prefixOf(names: readonly string[]): string[] {
  let shortest: string[] | undefined;
  for (const name of names) {
    const found = embedding.exec(name);
    if (found === null) continue;
    const prefix = (found[1] ?? "").split(".").slice(0, -1);
    if (shortest === undefined || prefix.length < shortest.length)
      shortest = prefix;
  }
  return shortest ?? [];
}
