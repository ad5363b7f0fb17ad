import { join } from "node:path";
import { parseArgs } from "node:util";
import { compressorFigures } from "./eval/baselines";
import { evaluate } from "./eval/evaluate";
import { readSourceFiles } from "./eval/sourceFiles";
import { table } from "./eval/table";

/**
 * How well a model completes the source files of a folder; docs/evaluation.md explains the figures.
 *
 * Usage: npm run -s eval -- FOLDER [--json] [--model PACKAGE] [--baseline PACKAGE] [--no-copies]
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      model: { type: "string", default: join(__dirname, "../media/model") },
      baseline: { type: "string" },
      "no-copies": { type: "boolean", default: false },
    },
  });
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1)
    throw new Error("name one folder of source files");
  const files = readSourceFiles(folder);
  if (files.length === 0) throw new Error(`no source files in ${folder}`);

  const started = performance.now();
  const { model, overall, languages, crossFile } = await evaluate(
    values.model,
    folder,
    files,
    { crossFile: true, copies: !values["no-copies"] },
  );
  const last =
    values.baseline === undefined
      ? undefined
      : await evaluate(values.baseline, folder, files, {
          crossFile: false,
          copies: true,
        });
  const result = {
    overall: overall.figures,
    languages: Object.fromEntries(
      [...languages]
        .sort(([, a], [, b]) => b.bytes - a.bytes)
        .map(([name, counts]) => [name, counts.figures]),
    ),
    crossFile: crossFile.figures,
    baselines: {
      ...compressorFigures(files),
      lastShipped: last?.overall.figures ?? null,
    },
    model,
    sample: {
      files: files.length,
      bytes: overall.bytes,
      lines: overall.lines,
      identifiers: overall.identifiers,
      characters: overall.characters,
    },
    seconds: Math.round((performance.now() - started) / 1000),
  };
  if (values.json) {
    console.log(JSON.stringify(result));
    return;
  }
  const { baselines, sample } = result;
  console.log(
    table([
      [model.name, result.overall],
      ["  across files", result.crossFile],
      ...Object.entries(result.languages).map(
        ([name, figures]) => [`  ${name}`, figures] as const,
      ),
      ["xz -9", baselines.xz],
      ["PPMd", baselines.ppmd],
      ["byte n-gram", baselines.ngram],
      ...(last ? [["last shipped", last.overall.figures] as const] : []),
    ]),
  );
  console.log(
    `${sample.files} files, ${sample.bytes} bytes; ${sample.lines} lines and ` +
      `${sample.identifiers} identifiers asked for, ${sample.characters} characters typed; ` +
      `${result.seconds} s`,
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
