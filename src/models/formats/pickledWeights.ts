import { message } from "../../messages";
import type { ByteFile } from "./byteFile";
import {
  PickleDict,
  PickleInstance,
  PickleList,
  PickleTuple,
  type PickleValue,
} from "./pickle";
import { isEmbedding } from "./plainNames";

/** Keys under which training code saves the weights beside other data, the likeliest first. */
const wrappers = [
  "state_dict",
  "model_state_dict",
  "model",
  "module",
  "weights",
  "params",
];

/** How many levels are searched, and how many dicts, lists and tuples: far more than trainers save. */
const deepest = 4;
const mostContainers = 10_000;

interface Candidate {
  readonly dict: PickleDict;
  /** The keys and indexes that lead to it. */
  readonly path: readonly string[];
}

/**
 * Finds the dict with a network's tensors in the value that `torch.save` saved: the value itself, or a
 * dict inside it, beside settings, counters and the states of optimisers.
 *
 * @param isTensor whether a value of the pickle is a tensor
 * @returns undefined if the value is neither a dict nor contains a network
 * @throws ModelError if it holds several networks that are equally likely, or an object as a whole
 */
export function weightsIn(
  file: ByteFile,
  value: PickleValue,
  isTensor: (value: PickleValue | undefined) => boolean,
): PickleDict | undefined {
  if (value instanceof PickleInstance) {
    throw file.refusal(
      message(
        "object as a whole",
        JSON.stringify(value.className.slice(0, 120)),
      ),
    );
  }
  const found = networksIn(value, isTensor);
  const best = found.filter(({ path }) => rank(path) === rank(found[0]!.path));
  if (best.length > 1) {
    const names = best.map(({ path }) => JSON.stringify(path.join("."))).join();
    throw file.refusal(message("several networks", names.slice(0, 200)));
  }
  if (best.length === 1) return best[0]!.dict;
  // No dict has an embedding, so this is no RWKV. The later check of the tensors says what is missing.
  if (!(value instanceof PickleDict)) return undefined;
  for (const name of wrappers) {
    const inner = value.entries.get(name);
    if (inner instanceof PickleDict) return inner;
  }
  return value;
}

/** The dicts that have an embedding, those under the likeliest keys first. */
function networksIn(
  value: PickleValue,
  isTensor: (value: PickleValue | undefined) => boolean,
): Candidate[] {
  const found: Candidate[] = [];
  const seen = new Set<PickleValue>();
  let level: { value: PickleValue; path: readonly string[] }[] = [
    { value, path: [] },
  ];
  for (let depth = 0; depth <= deepest && level.length > 0; depth++) {
    const next: typeof level = [];
    for (const { value, path } of level) {
      if (seen.has(value) || seen.size >= mostContainers) continue;
      seen.add(value);
      if (value instanceof PickleDict && hasEmbedding(value, isTensor)) {
        found.push({ dict: value, path });
        continue;
      }
      for (const [name, child] of childrenOf(value))
        next.push({ value: child, path: [...path, name] });
    }
    level = next;
  }
  return found.sort((a, b) => rank(a.path) - rank(b.path));
}

function hasEmbedding(
  { entries }: PickleDict,
  isTensor: (value: PickleValue | undefined) => boolean,
): boolean {
  for (const [name, value] of entries) {
    if (typeof name === "string" && isEmbedding(name) && isTensor(value))
      return true;
  }
  return false;
}

/** The dicts, lists and tuples directly in a value, with their keys or indexes. */
function* childrenOf(value: PickleValue): Iterable<[string, PickleValue]> {
  const isHolder = (child: PickleValue) =>
    child instanceof PickleDict ||
    child instanceof PickleList ||
    child instanceof PickleTuple;
  if (value instanceof PickleDict) {
    for (const [name, child] of value.entries)
      if (isHolder(child)) yield [keyText(name), child];
  } else if (value instanceof PickleList || value instanceof PickleTuple) {
    for (const [index, child] of value.items.entries())
      if (isHolder(child)) yield [String(index), child];
  }
}

/** A key of a dict as text, for errors. */
export function keyText(key: PickleValue): string {
  return typeof key === "string" || typeof key === "number" ? String(key) : "…";
}

/**
 * How likely a path leads to the network, by its outermost key: −1 for the value itself, then the order
 * of `wrappers`. A copy with averaged weights, for example, has another key.
 */
function rank([outermost]: readonly string[]): number {
  if (outermost === undefined) return -1;
  const index = wrappers.indexOf(outermost);
  return index < 0 ? wrappers.length : index;
}
