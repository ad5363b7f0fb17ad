import { keepHeapSmall } from "../../src/server/heap";
import { measureMemory } from "./memory";

/** A process as the engine's: `memoryProcess.js BUDGET_MB SHARE` prints what `measureMemory` finds. */
const [budgetMb = NaN, share = NaN] = process.argv.slice(2).map(Number);
keepHeapSmall();
measureMemory(budgetMb, share).then(
  (memory) => console.log(JSON.stringify(memory)),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
