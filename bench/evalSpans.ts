import { join } from "node:path";
import { parseArgs } from "node:util";
import { asCount } from "./eval/asCount";
import { asContext, contexts } from "./eval/contexts";
import { evaluateSpans } from "./eval/evaluateSpans";
import { percent } from "./eval/shownTable";
import type { SpanCounts } from "./eval/spanCounts";
import { markdownTable } from "./markdownTable";

/**
 * How often a part of a line is found with all text around it known; docs/evaluation.md explains
 * the figures.
 *
 * Usage: npm run -s eval:spans -- FOLDER... [--context NAME] [--invoked] [--json] [--places N]
 *   [--model PACKAGE]
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      context: { type: "string", default: contexts[0] },
      invoked: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      places: { type: "string", default: "100" },
      model: { type: "string", default: join(__dirname, "../media/model") },
    },
  });
  const places = asCount("--places", values.places);
  if (positionals.length === 0)
    throw new Error("name the folders of one or more projects");
  const { kinds, languages, reliability } = await evaluateSpans(positionals, {
    packageFolder: values.model,
    places,
    context: asContext(values.context),
    trigger: values.invoked ? "invoked" : "automatic",
  });
  if (values.json) {
    const figures = (counts: ReadonlyMap<string, SpanCounts>) =>
      Object.fromEntries([...counts].map(([name, c]) => [name, c.figures]));
    console.log(
      JSON.stringify({
        kinds: figures(kinds),
        languages: figures(languages),
        reliability: reliability.rows,
      }),
    );
    return;
  }
  console.log(
    markdownTable(
      ["", "places", "shown at", "exact", "line broken"],
      [...kinds, ...languages].map(([name, { figures }]) => [
        name,
        String(figures.places),
        percent(figures.share),
        percent(figures.exact),
        percent(figures.lineBroken),
      ]),
    ),
  );
  console.log(
    markdownTable(
      ["confidence", "places", "mean", "exact"],
      reliability.rows.map(
        ({ from, to, count, meanConfidence, shareRight }) => [
          `${from} … ${to}`,
          String(count),
          percent(meanConfidence),
          percent(shareRight),
        ],
      ),
    ),
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
