import { Gate } from "./gate";
import table from "./tableGate.json";

/**
 * The gate of networks that come without one: how far a copy is to be trusted by its length, rank and
 * count, beside the network's own opinion. Fitted by `training/fit_gate.py --table` on the bundled
 * network; `bitsPerByte` in the file is what it brought there, on projects not trained on.
 */
export function tableGate(): Gate {
  const tensors = new Map<string, number[]>([
    ["gate.length", table.length],
    ["gate.rank", table.rank],
    ["gate.count", table.count],
    ["gate.elsewhere", table.elsewhere],
    ["gate.alpha", table.alpha],
  ]);
  return new Gate(
    {
      has: (name) => tensors.has(name),
      dims: (name) => [tensors.get(name)!.length],
      float32: (name) => Float32Array.from(tensors.get(name)!),
    },
    0,
  );
}
