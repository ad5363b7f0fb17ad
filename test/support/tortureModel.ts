import { createHash } from "node:crypto";
import type { State } from "../../src/engine/model";
import { tableGate } from "../../src/engine/tableGate";
import type { LoadedModel, LoadOptions } from "../../src/runtime/loadedModel";
import { Runtime } from "../../src/runtime/runtime";
import { StateStore } from "../../src/state/stateStore";
import { FakeModel } from "./fakeModel";
import { endOfText } from "./fakeTokenizer";

/** Characters before a check by which it is computed. */
const checkedLength = 100;
/** Characters of the text that a state holds; they stand in its file as numbers. */
const heldLength = 160;

/**
 * What stands behind the last `#=` of a text: a hash of what stands before it. A suggestion that
 * was made for another text has another.
 */
export function checkAfter(before: string): string | undefined {
  const at = before.lastIndexOf("#=");
  if (at < 0) return undefined;
  const typed = before.slice(at + 2);
  const checked = [...before.slice(0, at)].slice(-checkedLength).join("");
  const hash = createHash("sha256").update(checked).digest("hex");
  const whole = `${hash.slice(0, 8)};`;
  return whole.startsWith(typed) ? whole.slice(typed.length) : undefined;
}

/** A fake model whose states hold the end of the text, as numbers, so that a file shows it. */
class TortureModel extends FakeModel {
  override readonly emptyState = {
    tensors: { text: new Float32Array(heldLength) },
    bytes: 4 * heldLength,
    read: "",
  };

  override async advance(tokens: ArrayLike<number>, state: State) {
    const { text } = state.tensors;
    const read =
      "read" in state
        ? (state.read as string)
        : String.fromCharCode(...[...text!].filter((code) => code > 0));
    const next = await super.advance(tokens, { ...state, read } as State);
    const held = next.read.slice(-heldLength);
    const numbers = new Float32Array(heldLength);
    for (let i = 0; i < held.length; i++) numbers[i] = held.charCodeAt(i);
    return {
      ...next,
      read: held,
      tensors: { text: numbers },
      bytes: 4 * heldLength,
    };
  }
}

/**
 * A loaded model for {@link checkAfter}, or one that knows nothing and copies what it can.
 *
 * @param copies whether it copies
 */
export async function loadTortureModel(
  copies: boolean,
  { memoryBudget, statesPath }: LoadOptions,
): Promise<LoadedModel> {
  const model = new TortureModel({
    script: (before) => (copies ? "" : (checkAfter(before) ?? "")),
    ...(copies && { certainty: 0 }),
  });
  const { tokenizer } = model;
  const sources = {
    firstText: 0,
    ...(copies && { gate: tableGate() }),
  };
  const store = statesPath
    ? await StateStore.open(statesPath, {
        model: (copies ? "a" : "b").repeat(64),
        emptyState: model.emptyState,
        limit: 1024 * 1024,
      })
    : undefined;
  return {
    name: "torture",
    description: "torture",
    tokenizer,
    network: model,
    sources,
    store,
    runtime: new Runtime(model, {
      ...sources,
      budgetBytes: memoryBudget,
      tokenizer,
      store,
    }),
    weightBytes: 1024,
    documentStart: () => [endOfText],
    dispose: () => model.dispose(),
  };
}

/** The texts in the files of states, for those who look for something in them. */
export function textOfStateFile(file: Buffer): string {
  const end = file.length - 32;
  const codes: number[] = [];
  for (let at = end - 4 * heldLength; at < end; at += 4)
    codes.push(file.readFloatLE(at));
  return String.fromCharCode(...codes.filter((code) => code > 0));
}
