import { splitsWord } from "../../text/words";
import type { Rule } from "./rule";

/** Ends a suggestion before a line that repeats the next line of the document. */
export const cutFollowing: Rule = {
  reason: "repeats what follows",
  apply(text, { linePrefix, lineSuffix, after }) {
    if (lineSuffix.trim() !== "") return text;
    const next = after
      .slice(lineSuffix.length)
      .split("\n")
      .find((line) => line.trim() !== "")
      ?.trimEnd();
    if (next === undefined) return text;
    const lines = text.split("\n");
    const last = lines.length - 1;
    const at = lines.findIndex((line, index) => {
      const whole = ((index === 0 ? linePrefix : "") + line).trimEnd();
      if (isSame(whole, next)) return true;
      // A limit may have ended the last line early.
      return index > 0 && index === last && startsLike(next, whole);
    });
    return at < 0 ? text : lines.slice(0, at).join("\n");
  },
};

/** Lines with letters or digits are compared without indentation, lines of signs alone with it. */
function isSame(line: string, next: string): boolean {
  return (
    line === next || (/[\p{L}\p{N}]/u.test(next) && line.trim() === next.trim())
  );
}

function startsLike(next: string, line: string): boolean {
  return (
    line.trim() !== "" &&
    next.startsWith(line) &&
    !splitsWord(next, line.length)
  );
}
