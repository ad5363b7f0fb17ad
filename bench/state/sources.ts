import { readFileSync } from "node:fs";
import { join } from "node:path";

const modules = join(__dirname, "../../node_modules");
/** Code that people have written, and the compiler's own declarations of the browser. */
const files = ["typescript/lib/typescript.js", "typescript/lib/lib.dom.d.ts"];

let known: string[] | undefined;

/** All lines there are. Those of generated tables, longer than people write, are left out. */
function allLines(): string[] {
  known ??= files.flatMap((file) =>
    readFileSync(join(modules, file), "utf8")
      .split(/\r?\n/)
      .filter(({ length }) => length <= 300),
  );
  return known;
}

/** Lets go of the lines, so that a measure of memory does not count them. */
export function forgetSources(): void {
  known = undefined;
}

/** The first line of a part. */
function startOf(lines: number, part: number): number {
  return (60_000 + part * 20_011) % (allLines().length - lines);
}

/** Real code of `lines` lines; from another place in it for each `part`. */
export function sourceText(lines: number, part = 0): string {
  const from = startOf(lines, part);
  return (
    allLines()
      .slice(from, from + lines)
      .join("\n") + "\n"
  );
}

/** The 40 lines after `sourceText` of the same length, part 0: they are typed at its end. */
export function sourceBehind(lines: number): string {
  const all = allLines();
  const end = startOf(lines, 0) + lines;
  const after = all.slice(end, end + 40).join("\n");
  return after === "" ? all.slice(0, 40).join("\n") : after;
}
