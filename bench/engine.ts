import { join } from "node:path";
import { OnnxModel } from "../src/engine/onnxModel";
import { readManifest } from "../src/models/modelPackage";

/**
 * Speed and memory of the engine with a model package.
 *
 * Usage: npm run -s bench:engine [-- MODEL_FOLDER] — prints one line of JSON; times are medians.
 */
async function main(): Promise<void> {
  const folder = process.argv[2] ?? join(__dirname, "../media/model");
  const manifest = await readManifest(folder);
  const before = process.memoryUsage().rss;
  const started = performance.now();
  const model = await OnnxModel.load(
    join(folder, "model.onnx"),
    manifest.vocabulary,
    0,
  );
  const loadMs = performance.now() - started;
  const loadedMb = (process.memoryUsage().rss - before) / 1e6;

  const random = (length: number) =>
    Array.from(
      { length },
      (_, i) => 8 + ((i * 7919) % (manifest.vocabulary - 8)),
    );
  const time = async (length: number, repetitions: number) => {
    const tokens = random(length);
    const times: number[] = [];
    for (let i = 0; i < repetitions; i++) {
      const began = performance.now();
      await model.step(tokens, model.emptyState);
      times.push(performance.now() - began);
    }
    return times.sort((a, b) => a - b)[repetitions >> 1]!;
  };
  const decodeMs = await time(1, 200);
  const prefill: Record<string, number> = {};
  for (const length of [16, 64, 256]) {
    prefill[length] = Math.round((length / (await time(length, 30))) * 1000);
  }
  const cpu = process.cpuUsage();
  await time(1, 200);
  const { user, system } = process.cpuUsage(cpu);
  await model.dispose();
  console.log(
    JSON.stringify({
      model: manifest.name,
      parameters: manifest.parameters,
      decodeMsPerToken: +decodeMs.toFixed(2),
      prefillTokensPerSecond: prefill,
      cpuMsPerToken: +((user + system) / 1000 / 200).toFixed(2),
      stateKb: Math.round(model.emptyState.bytes / 1024),
      runLength: model.runLength,
      loadMs: Math.round(loadMs),
      loadedMb: Math.round(loadedMb),
    }),
  );
}

void main();
