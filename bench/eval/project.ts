import { choose, seedOf } from "./places";
import { linesToType, type LineToType, type Unwritten } from "./lineToType";
import type { SourceFile } from "./sourceFiles";

/** Lines typed in one file: reading the text before them costs as much as typing some lines. */
const linesPerFile = 4;
/** Larger files are not typed in, which would take long for few lines. */
const mostCharacters = 60_000;

/** A file and what is to be typed in it. */
export interface FileToType {
  readonly file: SourceFile;
  readonly lines: readonly LineToType[];
}

/**
 * A sample of about `count` lines of a project's source files. It depends on the files' paths and
 * texts alone.
 */
export function sampleLines(
  files: readonly SourceFile[],
  count: number,
  unwritten: Unwritten,
): FileToType[] {
  const withLines = files
    .filter(
      ({ text, language }) => text.length <= mostCharacters && isCode(language),
    )
    .map((file) => ({
      file,
      lines: linesToType(file.text, linesPerFile, seedOf(file.path), unwritten),
    }))
    .filter(({ lines }) => lines.length > 0);
  return choose(withLines, Math.ceil(count / linesPerFile), 0);
}

/** Prose and data are not what suggestions are judged by. */
function isCode(language: string): boolean {
  return !["markdown", "json", "yaml", "toml", "xml", "html"].includes(
    language,
  );
}
