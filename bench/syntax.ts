import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { Grammars } from "../src/syntax/grammars";
import { ParsedDocument } from "../src/syntax/parsedDocument";
import { markdownTable } from "./markdownTable";

const usage = `Usage: npm run -s bench:syntax [-- LANGUAGE-ID FOLDER]

What the parser costs in files of 200, 2,000 and 20,000 lines, put together from the files of a
folder (by default the TypeScript of src/): milliseconds of processor time, so that a busy machine
does not count. At random places the rest of the line is taken away (an edit, parsed at once), then
what a request does is done: a check of the text that was taken away, and of it with the next two
lines.`;

const lineCounts = [200, 2000, 20_000];
const samples = 200;
/** Documents that are held at once to tell what one takes. */
const held = 20;
/** Milliseconds; the figures say how often this was not enough. */
const timeLimit = 1000;

const endings: Readonly<Record<string, string>> = {
  typescript: ".ts",
  python: ".py",
  go: ".go",
  rust: ".rs",
  java: ".java",
  cpp: ".cpp",
  javascript: ".js",
};

async function main(args: readonly string[]): Promise<void> {
  const [languageId = "typescript", folder = join(__dirname, "..", "src")] =
    args;
  const ending = endings[languageId];
  if (args.includes("--help") || ending === undefined) {
    console.error(usage);
    return;
  }
  const grammars = new Grammars({
    onFailure: (message) => console.error(message),
  });
  const loading = clock();
  const grammar = await grammars.load(languageId);
  if (grammar === undefined) return;
  console.log(`grammar loaded in ${loading().toFixed(0)} ms of processor time`);
  const files = textsOf(folder, ending);
  const rows: string[][] = [];
  for (const count of lineCounts) {
    const text = textOf(files, count);
    const document = new ParsedDocument(grammar, text);
    const parsing = clock();
    document.parse(Infinity);
    const whole = parsing();
    const { edits, requests, wrong, untold } = work(document, text);
    document.dispose();
    rows.push([
      String(text.split("\n").length),
      whole.toFixed(1),
      quantiles(edits),
      quantiles(requests),
      String(wrong),
      String(untold),
      `${(memoryOf(() => new ParsedDocument(grammar, text)) / 1e6).toFixed(1)} MB`,
    ]);
  }
  const head = [
    "lines",
    "first parse, ms",
    "edit, ms p50 / p95",
    "request, ms p50 / p95",
    "right text refused",
    "not told in time",
    "memory",
  ];
  console.log(markdownTable(head, rows, "--:"));
}

function work(document: ParsedDocument, whole: string) {
  const edits: number[] = [];
  const requests: number[] = [];
  let wrong = 0;
  let untold = 0;
  const random = seeded(1);
  let text = whole;
  for (let sample = 0; sample < samples; sample++) {
    const at = Math.floor(random() * text.length);
    const lineEnd = text.indexOf("\n", at);
    if (lineEnd <= at) continue;
    const before = text;
    text = text.slice(0, at) + text.slice(lineEnd);
    const editing = clock();
    document.edit({ start: at, end: lineEnd, text: "" }, text);
    document.parse(Infinity);
    edits.push(editing());
    const rest = before.slice(at, lineEnd);
    for (const taken of [rest, rest + linesBehind(text, at)]) {
      const edit = { start: at, end: at, text: taken };
      const requesting = clock();
      const syntax = document.syntax!;
      const length = syntax.fitting(edit, [], timeLimit);
      requests.push(requesting());
      // If the next lines occur twice, the answer may be wrong, but must come in time.
      if (length === undefined) untold++;
      else if (taken === rest && length < rest.length) wrong++;
    }
    text = before;
    document.edit({ start: at, end: at, text: rest }, text);
    document.parse(Infinity);
  }
  return { edits, requests, wrong, untold };
}

function linesBehind(text: string, at: number): string {
  return text.slice(at).split("\n").slice(0, 3).join("\n");
}

function textsOf(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => extname(name) === ending)
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8"));
}

/** Whole files one behind another, until there are so many lines. */
function textOf(files: readonly string[], lineCount: number): string {
  let text = "";
  let lines = 0;
  for (let index = 0; lines < lineCount; index++) {
    const file = files[index % files.length]!;
    text += file;
    lines += file.split("\n").length - 1;
  }
  return text;
}

/** Bytes that one of many documents takes. */
function memoryOf(make: () => ParsedDocument): number {
  const before = process.memoryUsage().rss;
  const documents = Array.from({ length: held }, make);
  for (const document of documents) document.parse(Infinity);
  const bytes = (process.memoryUsage().rss - before) / held;
  for (const document of documents) document.dispose();
  return bytes;
}

/** Starts a clock of processor time; it tells the milliseconds since then. */
function clock(): () => number {
  const start = process.cpuUsage();
  return () => process.cpuUsage(start).user / 1000;
}

function quantiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.floor(sorted.length * share)] ?? NaN).toFixed(2);
  return `${at(0.5)} / ${at(0.95)}`;
}

/** Numbers from 0 to 1 that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

void main(process.argv.slice(2));
