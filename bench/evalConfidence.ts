import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { defaultSettings } from "../src/protocol";
import { asCount } from "./eval/asCount";
import { reliabilityPlot, thresholdPlot } from "./eval/confidencePlots";
import { asContext, contexts } from "./eval/contexts";
import { inWorkers } from "./eval/inWorkers";
import { asUnwritten } from "./eval/lineToType";
import { Reliability, type ReliabilityRow } from "./eval/reliability";
import {
  sampledFiles,
  type SampledFile,
  type SampleOptions,
} from "./eval/sample";
import { countShown, ShownCounts } from "./eval/shownCounts";
import { percent, shownTable } from "./eval/shownTable";
import { typedAbove, type TracedLine } from "./eval/thresholds";
import { markdownTable } from "./markdownTable";

const thresholds = [0, 0.15, 0.3, 0.4, 0.5, 0.7];

/**
 * How sure a model is against how often it is right, and what is shown above thresholds of that;
 * docs/evaluation.md explains the figures.
 *
 * Usage: npm run -s eval:confidence -- FOLDER... [--json] [--lines N] [--context NAME] [--closing]
 *   [--unwritten line|block|file] [--model PACKAGE] [--plots]
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      lines: { type: "string", default: "28" },
      context: { type: "string", default: contexts[0] },
      closing: { type: "boolean", default: false },
      unwritten: { type: "string", default: "block" },
      model: { type: "string", default: join(__dirname, "../media/model") },
      plots: { type: "boolean", default: false },
    },
  });
  if (positionals.length === 0)
    throw new Error("name the folders of one or more projects");
  const options: SampleOptions = {
    packageFolder: values.model,
    lines: asCount("--lines", values.lines),
    unwritten: asUnwritten(values.unwritten),
    isTimed: false,
    isClosing: values.closing,
    contexts: [asContext(values.context)],
    settings: [defaultSettings.suggestions],
  };
  const reliability = new Reliability();
  const rows = thresholds.map((threshold) => ({
    threshold,
    overall: new ShownCounts(),
    languages: new Map<string, ShownCounts>(),
  }));
  await inWorkers<SampledFile, TracedLine[]>(
    "confidenceWorker.ts",
    options,
    sampledFiles(positionals, options),
    availableParallelism(),
    (lines) => {
      for (const line of lines) {
        reliability.addLine(line);
        for (const { threshold, overall, languages } of rows) {
          const counts = countShown(typedAbove(threshold, line));
          const ofLanguage = languages.get(line.language) ?? new ShownCounts();
          languages.set(line.language, ofLanguage);
          ofLanguage.add(counts);
          overall.add(counts);
        }
      }
    },
  );
  if (values.plots) {
    const docs = join(__dirname, "../docs");
    writeFileSync(
      join(docs, "evaluation-reliability.svg"),
      reliabilityPlot(reliability.rows),
    );
    writeFileSync(
      join(docs, "evaluation-thresholds.svg"),
      thresholdPlot(
        rows.map(({ threshold, overall }) => ({
          threshold,
          ...overall.figures,
        })),
      ),
    );
  }
  if (values.json) {
    console.log(
      JSON.stringify({
        reliability: reliability.rows,
        thresholds: rows.map(({ threshold, overall, languages }) => ({
          threshold,
          ...overall.figures,
          languages: Object.fromEntries(
            [...languages].map(([name, { figures }]) => [name, figures]),
          ),
        })),
      }),
    );
    return;
  }
  console.log(reliabilityTable(reliability.rows));
  console.log();
  console.log(
    shownTable(
      rows.flatMap(({ threshold, overall, languages }) => [
        [threshold === 0 ? "all" : `≥ ${threshold}`, overall.figures] as const,
        ...[...languages].map(
          ([name, { figures }]) => [name, figures] as const,
        ),
      ]),
    ),
  );
}

function reliabilityTable(rows: readonly ReliabilityRow[]): string {
  return markdownTable(
    ["confidence", "ends", "mean", "right"],
    rows.map(({ from, to, count, meanConfidence, shareRight }) => [
      `${from} … ${to}`,
      String(count),
      meanConfidence?.toFixed(3) ?? "–",
      percent(shareRight),
    ]),
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
