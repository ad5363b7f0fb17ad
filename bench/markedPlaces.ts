import { readFileSync } from "node:fs";

/** A position in a text, and what is expected there. */
export interface MarkedPlace {
  readonly file: string;
  readonly text: string;
  readonly offset: number;
  /** Beginnings of right answers. */
  readonly answers: readonly string[];
}

const cursor = "█";

/**
 * The places of a file of them: "=== file name", the text with the cursor as █, then a line
 * "--- beginning" for each right answer, where ⏎ stands for a line end.
 */
export function readMarkedPlaces(path: string): MarkedPlace[] {
  const blocks = readFileSync(path, "utf8").split(/^=== /m).slice(1);
  return blocks.map((block) => {
    const [file, ...lines] = block.split("\n");
    const answers = lines.filter((line) => line.startsWith("--- "));
    const source = lines.slice(0, lines.indexOf(answers[0]!)).join("\n");
    const offset = source.indexOf(cursor);
    if (offset < 0 || answers.length === 0)
      throw new Error(`${file} lacks its cursor or its answer`);
    return {
      file: file!,
      text: source.replace(cursor, ""),
      offset,
      answers: answers.map((line) => line.slice(4).replaceAll("⏎", "\n")),
    };
  });
}
