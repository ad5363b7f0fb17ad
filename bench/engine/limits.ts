import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { GraphBuilder } from "../../src/engine/graph";
import { Session } from "../../src/engine/onnx";
import { quantisedMatMul, type Quantisation } from "../../src/engine/quantise";

/** Reads its share of a buffer again and again, as `memcmp` reads, and tells when it did. */
const streamReader = `
const { workerData, parentPort } = require("node:worker_threads");
const a = Buffer.alloc(workerData.bytes / 2, 1);
const b = Buffer.alloc(workerData.bytes / 2, 1);
a.equals(b);
parentPort.once("message", () => {
  const started = performance.now();
  let passes = 0;
  do { a.equals(b); passes++; } while (performance.now() - started < 500);
  parentPort.postMessage(passes * workerData.bytes / (performance.now() - started) / 1e6);
});
parentPort.postMessage("ready");
`;

/**
 * Bandwidth of a plain read in GB/s: every thread reads its own part of `bytes` over and over, so
 * that what fits into a cache is read from there.
 */
export async function readBandwidth(
  bytes: number,
  threads: number,
): Promise<number> {
  const workers = Array.from(
    { length: threads },
    () =>
      new Worker(streamReader, {
        eval: true,
        workerData: { bytes: 2 * Math.floor(bytes / threads / 2) },
      }),
  );
  const answers = () =>
    Promise.all(
      workers.map(
        (worker) =>
          new Promise<unknown>((resolve) => worker.once("message", resolve)),
      ),
    );
  await answers();
  const rates = answers();
  for (const worker of workers) worker.postMessage("go");
  const sum = ((await rates) as number[]).reduce((a, b) => a + b, 0);
  await Promise.all(workers.map((worker) => worker.terminate()));
  return sum;
}

/**
 * The rate of multiply-adds that the runtime's own kernels reach on a product large enough to be
 * bound by nothing else, in 10⁹ a second.
 */
export async function multiplyAddRate(
  quantisation: Quantisation,
  threads: number,
): Promise<number> {
  const [tokens, inputs, outputs] = [256, 1024, 4096];
  const folder = mkdtempSync(join(tmpdir(), "rwkv-bench-peak-"));
  try {
    const parts: Uint8Array[] = [];
    const graph = new GraphBuilder("weights.bin", (bytes) => {
      parts.push(bytes.slice());
    });
    const x = graph.input("x", "float32", [1, tokens, inputs]);
    const weights = new Float32Array(inputs * outputs).map(
      (_, i) => ((i * 7919) % 255) / 127 - 1,
    );
    const y = quantisedMatMul(
      graph,
      x,
      "w",
      outputs,
      inputs,
      weights,
      quantisation,
    );
    graph.output("y", y, "float32", [1, tokens, outputs]);
    writeFileSync(join(folder, "model.onnx"), graph.finish());
    writeFileSync(join(folder, "weights.bin"), Buffer.concat(parts));
    const session = await Session.load(join(folder, "model.onnx"), threads);
    const data = new Float32Array(tokens * inputs).map(
      (_, i) => ((i * 31) % 17) / 8 - 1,
    );
    const inputsOfRun = { x: { data, dims: [1, tokens, inputs] } };
    let best = Infinity;
    for (let run = 0; run < 30; run++) {
      const started = performance.now();
      await session.run(inputsOfRun);
      best = Math.min(best, performance.now() - started);
    }
    await session.dispose();
    return (tokens * inputs * outputs) / best / 1e6;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
