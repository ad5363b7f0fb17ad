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

/** Where training code puts the weights when it saves more than them, the likeliest first. */
const wrappers = [
  "state_dict",
  "model_state_dict",
  "model",
  "module",
  "weights",
  "params",
];

/** Far more than any trainer nests or lists. */
const deepest = 4;
const mostDicts = 10_000;

interface Candidate {
  readonly dict: PickleDict;
  readonly path: readonly string[];
}

/**
 * The dict of tensors in what `torch.save` was given: the value itself, or what lies in it, beside
 * settings, counters and the states of optimisers.
 *
 * @param isTensor whether a value is one
 * @returns undefined if there is no dict at all
 * @throws ModelError if it cannot be told which of several networks is meant
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
  // No RWKV: what is wrong with it is said where its tensors are looked at.
  if (!(value instanceof PickleDict)) return undefined;
  for (const name of wrappers) {
    const inner = value.entries.get(name);
    if (inner instanceof PickleDict) return inner;
  }
  return value;
}

/** Dicts that have an embedding, those under the likeliest names first. */
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
      if (seen.has(value) || seen.size >= mostDicts) continue;
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

/** What may hold a network, with the name or the number it has there. */
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

/** A key of a dict, to print. */
export function keyText(key: PickleValue): string {
  return typeof key === "string" || typeof key === "number" ? String(key) : "…";
}

/** How likely the outermost name is the network's: a copy of averages, say, has another. */
function rank([outermost]: readonly string[]): number {
  if (outermost === undefined) return -1;
  const index = wrappers.indexOf(outermost);
  return index < 0 ? wrappers.length : index;
}
