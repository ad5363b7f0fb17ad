import { message } from "../../messages";
import { quoted, type ByteFile } from "./byteFile";

/** Parts that wrappers of modules add anywhere in a name (PyTorch, DeepSpeed, FSDP). */
const wrapperParts = new Set([
  "module",
  "_module",
  "_orig_mod",
  "_forward_module",
  "_fsdp_wrapped_module",
  "_checkpoint_wrapped_module",
]);

/** The name of the embedding. What precedes `emb.weight` is a prefix of all names of the network. */
const embedding = /^(.*\.)?(?:emb|embeddings)\.weight$/;

/** Whether a tensor of this name may be a network's embedding. */
export function isEmbedding(name: string): boolean {
  return embedding.test(name);
}

/**
 * Tensors under their names within the network. Parts that wrappers add (`module`, `_orig_mod`, …) are
 * removed anywhere in a name. The prefix of the embedding's name (`model`, `rwkv`, …) is removed from
 * the start of all names that have it, or a part of it.
 *
 * @throws ModelError if two tensors get the same name
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

/** The parts that precede an embedding's name: the shortest such prefix if there are several. */
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
