import { join } from "node:path";
import { parseArgs } from "node:util";
import { defaultSettings, suggestionsValues } from "../src/protocol";
import { asCount } from "./eval/asCount";
import { compressorFigures } from "./eval/baselines";
import { asContext, contexts } from "./eval/contexts";
import { Counts } from "./eval/counts";
import { evaluate, type EvaluatedRow } from "./eval/evaluate";
import { evaluateServer } from "./eval/evaluateServer";
import { evaluateShown, type ShownRow } from "./eval/evaluateShown";
import { serverTable } from "./eval/serverTable";
import { shownTable } from "./eval/shownTable";
import { asUnwritten } from "./eval/lineToType";
import { readSourceFiles } from "./eval/sourceFiles";
import { leastOf } from "./eval/suggestionSettings";
import { table } from "./eval/table";
import type { RowOptions } from "./eval/worker";

const usage =
  "npm run -s eval -- FOLDER... [--json] [--shown] [--lines N] [--project | --context NAME] " +
  "[--thresholds 0.4,0.5] [--timed] [--closing] [--reaction KEYS] " +
  "[--files N] [--unwritten line|block|file] [--model PACKAGE] [--baseline PACKAGE] [--no-copies]\n" +
  "npm run -s eval -- FOLDER... --server URL [--server-model NAME] [--limits 50,150,500,none] " +
  "[--lines N] [--model PACKAGE] [--json]; a key is taken from RWKV_SERVER_KEY";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    shown: { type: "boolean", default: false },
    lines: { type: "string", default: "60" },
    files: { type: "string" },
    project: { type: "boolean", default: false },
    context: { type: "string" },
    thresholds: { type: "string", default: "" },
    timed: { type: "boolean", default: false },
    closing: { type: "boolean", default: false },
    reaction: { type: "string", default: "0" },
    unwritten: { type: "string", default: "block" },
    model: { type: "string", default: join(__dirname, "../media/model") },
    baseline: { type: "string" },
    "no-copies": { type: "boolean", default: false },
    server: { type: "string" },
    "server-model": { type: "string", default: "" },
    limits: { type: "string", default: "50,150,500,none" },
  },
});

/** Number of files of which a part is typed. */
const replayedFiles = 40;

/** How well a model completes the projects in some folders; docs/evaluation.md explains the figures. */
async function main(): Promise<void> {
  if (positionals.length === 0) throw new Error(usage);
  if (
    positionals.length > 1 &&
    !values.shown &&
    !values.project &&
    values.server === undefined
  )
    throw new Error("several folders take --shown, --project or --server");
  if (values.context !== undefined && (values.project || !values.shown))
    throw new Error("--context takes --shown, and no --project");
  const lines = asCount("--lines", values.lines);
  if (values.server !== undefined) return besideServer(values.server, lines);

  const context = asContext(values.context ?? contexts[0]);
  const settings = settingsToCompare();
  const started = performance.now();
  const completed = values.shown
    ? undefined
    : values.project
      ? await evaluateProjects(positionals)
      : await evaluateFiles(positionals[0]!);
  const rows = await evaluateShown(positionals, {
    packageFolder: values.model,
    lines,
    unwritten: asUnwritten(values.unwritten),
    isTimed: values.timed,
    isClosing: values.closing,
    reaction: asCount("--reaction", values.reaction, 0),
    contexts: values.project ? contexts : [context],
    settings,
  });
  const seconds = Math.round((performance.now() - started) / 1000);
  if (values.json) {
    console.log(
      JSON.stringify({ ...completed?.result, ...shownResult(rows), seconds }),
    );
    return;
  }
  completed?.print();
  console.log(shownTable(rows.flatMap(rowsOf)));
  console.log(`${seconds} s`);
}

/** With `--project` contexts are compared, else values of `rwkv.suggestions`; and thresholds, if any are given. */
function settingsToCompare(): string[] {
  const words = values.thresholds.split(",").filter((word) => word !== "");
  const named = values.project
    ? [defaultSettings.suggestions]
    : suggestionsValues;
  const all = [...new Set([...named, ...words])];
  return all.sort((a, b) => leastOf(a).line - leastOf(b).line);
}

/** The model and a completion server at the same places. */
async function besideServer(url: string, lines: number): Promise<void> {
  const limitsMs = values.limits
    .split(",")
    .map((word) => (word === "none" ? Infinity : asCount("--limits", word)));
  const rows = await evaluateServer(positionals, {
    packageFolder: values.model,
    url,
    key: process.env["RWKV_SERVER_KEY"] ?? "",
    model: values["server-model"],
    lines,
    limitsMs,
  });
  console.log(values.json ? JSON.stringify(rows) : serverTable(rows));
}

/** The figures of the default setting with the file alone, and in `rows` those of all others. */
function shownResult(rows: readonly ShownRow[]) {
  const first = rows.find(
    ({ setting }) => setting === defaultSettings.suggestions,
  );
  return {
    shown: {
      ...first!.overall.figures,
      languages: Object.fromEntries(
        [...first!.languages].map(([name, counts]) => [name, counts.figures]),
      ),
      rows: rows.map(({ context, setting, overall }) => ({
        context,
        setting,
        ...overall.figures,
      })),
    },
  };
}

function rowsOf({ context, setting, overall, languages }: ShownRow) {
  return [
    [`${context}, ${setting}`, overall.figures] as const,
    ...[...languages].map(([name, { figures }]) => [name, figures] as const),
  ];
}

/** The product's own pipeline, each row with more context. */
const projectRows: readonly RowOptions[] = contexts.map((context) => ({
  context,
  suffix: true,
  ranksNames: true,
}));

/** Single places, a row for each context; several projects are summed. */
async function evaluateProjects(folders: readonly string[]) {
  const named = contexts.map((name) => ({
    name,
    overall: new Counts(),
    languages: new Map<string, Counts>(),
  }));
  for (const folder of folders) {
    const { rows } = await evaluate(
      {
        packageFolder: values.model,
        folder,
        copies: true,
        rows: projectRows,
      },
      sourceFiles(folder),
      { evaluated: asCount("--files", values.files ?? "24"), replayed: 0 },
    );
    rows.forEach(({ overall, languages }, i) => {
      const row = named[i]!;
      row.overall.add(overall);
      for (const [language, counts] of languages) {
        const all = row.languages.get(language) ?? new Counts();
        row.languages.set(language, all);
        all.add(counts);
      }
    });
  }
  const result = {
    project: named.map(({ name, overall, languages }) => ({
      context: name,
      ...overall.figures,
      languages: byLanguage(languages),
    })),
  };
  const print = () => {
    const figures = named.flatMap(({ name, overall, languages }) => [
      [name, overall.figures] as const,
      ...Object.entries(byLanguage(languages)).map(
        ([language, one]) => [`  ${language}`, one] as const,
      ),
    ]);
    console.log(`${table(figures)}\n`);
  };
  return { result, print };
}

function sourceFiles(folder: string) {
  const files = readSourceFiles(folder);
  if (files.length === 0) throw new Error(`no source files in ${folder}`);
  return files;
}

/** Figures of languages, those with the most bytes first. */
function byLanguage(languages: ReadonlyMap<string, Counts>) {
  return Object.fromEntries(
    [...languages]
      .sort(([, a], [, b]) => b.bytes - a.bytes)
      .map(([name, counts]) => [name, counts.figures]),
  );
}

/** All figures of a folder: bits per byte, next lines, identifiers, keystrokes saved. */
async function evaluateFiles(folder: string) {
  const files = sourceFiles(folder);
  const limits = {
    evaluated: asCount("--files", values.files ?? String(files.length)),
    replayed: replayedFiles,
  };
  const copies = !values["no-copies"];
  const alone = {
    context: "file alone",
    suffix: false,
    ranksNames: false,
  } as const;
  const across = {
    context: "open files",
    suffix: true,
    ranksNames: false,
  } as const;
  const { model, rows } = await evaluate(
    { packageFolder: values.model, folder, copies, rows: [alone, across] },
    files,
    limits,
  );
  const [{ overall, languages }, { overall: crossFile }] = rows as [
    EvaluatedRow,
    EvaluatedRow,
  ];
  const last =
    values.baseline === undefined
      ? undefined
      : await evaluate(
          {
            packageFolder: values.baseline,
            folder,
            copies: true,
            rows: [alone],
          },
          files,
          limits,
        );
  const lastShipped = last?.rows[0]?.overall.figures;
  const result = {
    overall: overall.figures,
    languages: byLanguage(languages),
    crossFile: crossFile.figures,
    baselines: {
      ...compressorFigures(files),
      lastShipped: lastShipped ?? null,
    },
    model,
    sample: {
      files: Math.min(files.length, limits.evaluated),
      bytes: overall.bytes,
      lines: overall.lines,
      identifiers: overall.identifiers,
      characters: overall.characters,
    },
  };
  const { baselines, sample } = result;
  const print = () => {
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
        ...(lastShipped ? [["last shipped", lastShipped] as const] : []),
      ]),
    );
    console.log(
      `${sample.files} files, ${sample.bytes} bytes; ${sample.lines} lines and ` +
        `${sample.identifiers} identifiers asked for, ${sample.characters} characters typed\n`,
    );
  };
  return { result, print };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
