import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadModel } from "../src/runtime/loadedModel";
import { linePlot } from "./linePlot";
import { percentile } from "./percentile";
import type { Sample } from "./state/editedFile";
import { Llama } from "./state/llama";
import { runBundled } from "./state/bundled";
import { seriesOf, summary, type Latency, type Report } from "./state/report";
import { runScenario, scenarios, type Scenario } from "./state/scenarios";

const usage = `Usage: npm run -s bench:state [-- --json] [--plot] [--from REPORT.json]
       [--scenario NAME …] [--lines N …] [--quick]
       npm run -s bench:state -- --memory [--quick]

The time to the first token, by what is done and in how long a file; beside it, node-llama-cpp where
NODE_LLAMA_CPP names a folder that has it. docs/state.md says how it measures.`;

const allLines = [100, 1000, 10_000, 100_000];
const budgetMb = 256;
const samplesOf: Readonly<Record<Scenario, number>> = {
  "typing-end": 60,
  "random-edit": 40,
  reopen: 10,
  "switch-file": 40,
};
/** Lines from which on llama.cpp gets one sample; and milliseconds after which it gets no further one. */
const oneSampleFrom = 10_000;
const llamaMs = 10_000;
const signal = new AbortController().signal;
const root = join(__dirname, "..");

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      plot: { type: "boolean", default: false },
      from: { type: "string" },
      memory: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      scenario: { type: "string", multiple: true, default: [...scenarios] },
      lines: { type: "string", multiple: true, default: allLines.map(String) },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.error(usage);
    return;
  }
  if (values.memory) {
    const share = values.quick ? 0.02 : 1;
    const args = [String(budgetMb), String(share)];
    console.log(runBundled("memoryProcess", args).trim());
    return;
  }
  const report =
    values.from === undefined
      ? await measure(
          scenarios.filter((scenario) => values.scenario.includes(scenario)),
          values.lines.map(Number),
          values.quick ? 0.2 : 1,
        )
      : (JSON.parse(await readFile(values.from, "utf8")) as Report);
  if (values.plot)
    await writeFile(join(root, "docs/state.svg"), plotOf(report));
  console.log(values.json ? JSON.stringify(report) : summary(report));
}

function plotOf({ latency }: Report): string {
  const axes = { x: "lines of the file", y: "milliseconds", format: String };
  const title = "Time to the first token (95 % are faster)";
  return linePlot(title, axes, seriesOf(latency));
}

/** @param share of the usual samples */
async function measure(
  wanted: readonly Scenario[],
  lines: readonly number[],
  share: number,
): Promise<Report> {
  const ours: {
    scenario: Scenario;
    lines: number;
    samples: Sample[];
    prompts: (readonly number[])[];
  }[] = [];
  for (const scenario of wanted) {
    for (const count of lines) {
      const prompts: (readonly number[])[] = [];
      const folder = await mkdtemp(join(tmpdir(), "states-"));
      const samples = await runScenario[scenario]({
        load: () =>
          loadModel(join(root, "media/model"), {
            threads: 0,
            memoryBudget: budgetMb * 1024 * 1024,
            statesPath: folder,
            signal,
          }),
        lines: count,
        samples: Math.ceil(samplesOf[scenario] * share),
        onPrompt: (tokens) => {
          // All prompts would take gigabytes, and the other engine is too slow for more of them.
          if (prompts.length < (count < oneSampleFrom ? 20 : 2))
            prompts.push(tokens);
        },
      });
      await rm(folder, { recursive: true, force: true });
      ours.push({ scenario, lines: count, samples, prompts });
      console.error(
        `${scenario}, ${count} lines: ${JSON.stringify(figuresOf(samples))}`,
      );
    }
  }
  const rssMb = process.resourceUsage().maxRSS / 1024;
  const llama = await Llama.load();
  const latency: Latency[] = [];
  for (const { scenario, lines: count, samples, prompts } of ours) {
    const exact = samples.filter((sample) => sample.exact).length;
    const other = llama && (await llamaSamples(llama, scenario, prompts));
    latency.push({
      scenario,
      lines: count,
      samples: samples.length,
      ...figuresOf(samples),
      exact: exact / samples.length,
      nodeLlamaCpp: other
        ? { samples: other.length, ...figuresOf(other) }
        : null,
    });
  }
  await llama?.dispose();
  const p95 = (count: number) =>
    latency.find(
      (entry) => entry.scenario === "typing-end" && entry.lines === count,
    )?.p95Ms ?? NaN;
  return {
    latency,
    flatness: p95(Math.max(...lines)) / p95(Math.min(...lines)),
    rssMb: Math.round(rssMb),
    budgetMb,
  };
}

/** The same prompts with the other engine, which has read the one before each of them. */
async function llamaSamples(
  llama: Llama,
  scenario: Scenario,
  prompts: readonly (readonly number[])[],
): Promise<Sample[]> {
  const samples: Sample[] = [];
  await llama.forget();
  // A process that has just started has read nothing.
  const isNew = scenario === "reopen";
  if (!isNew) await llama.request(prompts[0]!);
  const began = performance.now();
  for (const prompt of isNew ? prompts : prompts.slice(1)) {
    if (isNew) await llama.forget();
    samples.push(await llama.request(prompt));
    if (performance.now() - began > llamaMs) break;
  }
  return samples;
}

function figuresOf(
  samples: readonly Sample[],
): Pick<Latency, "p50Ms" | "p95Ms" | "tokensRun"> {
  const times = samples.map(({ ms }) => ms);
  const runs = samples.map(({ run }) => run);
  return {
    p50Ms: percentile(times, 0.5)!,
    p95Ms: percentile(times, 0.95)!,
    tokensRun: percentile(runs, 0.5)!,
  };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
