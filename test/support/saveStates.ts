import { StateStore } from "../../src/state/stateStore";
import { savedLike, someModel, stateLike } from "./states";

/** Tensors of the states that are saved. */
export const lengths = [1024, 1024, 1024, 1024];
/** So many states are saved in turn, of which two thirds fit in. */
export const places = 30;

/** What is saved for the first `position` of the tokens 0, 1, 2 … */
export function stateAt(position: number) {
  return savedLike(lengths, position);
}

export const tokens = Array.from({ length: places }, (_, i) => i);

export function openStore(folder: string): Promise<StateStore> {
  const emptyState = stateLike(lengths, 0);
  const limit = ((emptyState.bytes + 112) * places * 2) / 3;
  return StateStore.open(folder, { model: someModel, emptyState, limit });
}

/** As a process of its own: saves states until it is killed. */
async function main(folder: string): Promise<void> {
  const store = await openStore(folder);
  for (;;) {
    const position = 1 + Math.floor(Math.random() * places);
    await store.save(position, position, tokens, stateAt(position));
    process.stdout.write(".");
  }
}

if (process.argv[2] === "--save-until-killed") void main(process.argv[3]!);
