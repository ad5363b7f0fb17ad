import { Gate } from "./gate";
import table from "./tableGate.json";

/**
 * The gate of networks without one of their own: it weights a copy by its length, rank and count and by
 * the network's probability of it. Fitted by `training/fit_gate.py --table` on the bundled network;
 * `bitsPerByte` in the file is the measured gain on projects that were not trained on.
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
