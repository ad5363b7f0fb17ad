import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { languageOf, sourceLanguageIdOf } from "./languages";

/** A source file of the folder, line ends as LF. */
export interface SourceFile {
  /** Relative to the folder, '/'-separated. */
  readonly path: string;
  /** The editor's. */
  readonly languageId: string;
  /** By which it counts in the figures: dialects are the language they belong to. */
  readonly language: string;
  readonly bytes: Uint8Array;
  /** The bytes as text; what is no UTF-8 became U+FFFD. */
  readonly text: string;
}

/** All source files in a folder and below, by path; hidden folders and `node_modules` are left out. */
export function readSourceFiles(folder: string): SourceFile[] {
  const files: SourceFile[] = [];
  for (const path of pathsIn(folder)) {
    const languageId = sourceLanguageIdOf(path);
    if (languageId === undefined) continue;
    const bytes = withLf(readFileSync(path));
    if (bytes.length === 0 || bytes.includes(0)) continue;
    files.push({
      path: relative(folder, path).split(sep).join("/"),
      languageId,
      language: languageOf(languageId),
      bytes,
      text: bytes.toString("utf8"),
    });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * The files most likely to be open beside one: those in the nearest folders, the same language
 * first, then by path.
 */
export function neighbours(
  file: SourceFile,
  files: readonly SourceFile[],
  count: number,
): SourceFile[] {
  return files
    .filter((other) => other !== file)
    .map((other) => ({
      other,
      steps: stepsBetween(file.path, other.path),
      foreign: other.language === file.language ? 0 : 1,
    }))
    .sort((a, b) => a.steps - b.steps || a.foreign - b.foreign)
    .slice(0, count)
    .map(({ other }) => other);
}

/** Steps up and down from the folder of one file to that of another. */
function stepsBetween(a: string, b: string): number {
  const from = a.split("/").slice(0, -1);
  const to = b.split("/").slice(0, -1);
  let shared = 0;
  while (shared < from.length && from[shared] === to[shared]) shared++;
  return from.length + to.length - 2 * shared;
}

function* pathsIn(folder: string): Iterable<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile()) yield path;
    else if (
      entry.isDirectory() &&
      !entry.name.startsWith(".") &&
      entry.name !== "node_modules"
    )
      yield* pathsIn(path);
  }
}

/** The CR before an LF is taken off. */
function withLf(bytes: Buffer): Buffer {
  return bytes.includes("\r\n")
    ? Buffer.from(
        bytes.filter((byte, i) => byte !== 0x0d || bytes[i + 1] !== 0x0a),
      )
    : bytes;
}
