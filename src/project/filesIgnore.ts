import ignore, { type Ignore } from "ignore";

/** Number of questions after which the library's answers, all of which it keeps, are forgotten. */
const mostAnswers = 10_000;

/**
 * The patterns of the `.gitignore` files from the root of a repository down to one folder
 * (https://git-scm.com/docs/gitignore). The last pattern that matches decides, and the file nearest
 * to a path is read last, so all patterns are kept in one list: a pattern of a folder below the root
 * is rewritten so that it matches there alone.
 *
 * The rules of an instance never change: `with` makes another one.
 */
export class IgnoreRules {
  private answers = 0;

  private constructor(
    private patterns: Ignore,
    /** The patterns' lines, as bytes. */
    private readonly lines: readonly string[],
    private readonly ignoreCase: boolean,
  ) {}

  /** No patterns. @param ignoreCase whether the disk takes `A` and `a` for the same name */
  static none(ignoreCase: boolean): IgnoreRules {
    return new IgnoreRules(ignore({ ignorecase: ignoreCase }), [], ignoreCase);
  }

  /**
   * These rules and those of one more file.
   *
   * @param text what is in the file
   * @param folder where its patterns hold: a path from the repository's root, "" for the root itself
   */
  with(text: string, folder: string): IgnoreRules {
    const lines = asBytes(text)
      .replace(/^\xEF\xBB\xBF/, "")
      .split("\n")
      .flatMap((line) => below(asBytes(folder), line.replace(/\r$/, "")) ?? []);
    if (lines.length === 0) return this;
    const { ignoreCase } = this;
    const patterns = ignore({ ignorecase: ignoreCase }).add(this.patterns);
    patterns.add(lines);
    return new IgnoreRules(patterns, [...this.lines, ...lines], ignoreCase);
  }

  /**
   * These rules without the patterns that ignore a folder, so that it can be entered all the same.
   *
   * @param folder as in `ignores`; no folder above it is ignored
   */
  entering(folder: string): IgnoreRules {
    if (!this.ignores(folder, true)) return this;
    const { ignoreCase } = this;
    const target = `${asBytes(folder)}/`;
    const lines = this.lines.filter(
      (line) => !ignore({ ignorecase: ignoreCase }).add([line]).ignores(target),
    );
    const patterns = ignore({ ignorecase: ignoreCase }).add(lines);
    return new IgnoreRules(patterns, lines, ignoreCase);
  }

  /**
   * Whether git would leave a path out.
   *
   * @param path from the repository's root, with slashes, no slash at either end, no `..`
   */
  ignores(path: string, isFolder: boolean): boolean {
    const target = asBytes(isFolder ? `${path}/` : path);
    if (++this.answers > mostAnswers) {
      this.patterns = ignore({ ignorecase: this.ignoreCase }).add(
        this.patterns,
      );
      this.answers = 0;
    }
    // The library throws for paths that are not relative ("", "..", "./x"); no caller passes one.
    return ignore.isPathValid(target) && this.patterns.ignores(target);
  }
}

/** The pattern as it would stand in the root's file; undefined for comments and empty lines. */
function below(folder: string, line: string): string | undefined {
  if (line === "" || line.startsWith("#")) return undefined;
  const negated = line.startsWith("!");
  const body = withoutTrailingSpaces(negated ? line.slice(1) : line);
  if (body === "" || body === "/") return undefined;
  const sign = negated ? "!" : "";
  if (folder === "") return sign + body;
  const start = `/${escapePattern(folder)}/`;
  const slash = body.indexOf("/");
  const isAnchored = slash >= 0 && slash < body.length - 1;
  if (!isAnchored) return `${sign}${start}**/${body}`;
  return sign + start + body.replace(/^\//, "");
}

/** Spaces at the end do not count unless a backslash keeps them. */
function withoutTrailingSpaces(pattern: string): string {
  return pattern.replace(/(\\ )? +$/, "$1");
}

function escapePattern(path: string): string {
  return path.replace(/[\\*?[\]!# ]/g, "\\$&");
}

/** A character for each byte of UTF-8, since that is what git's `?` and `[!a]` stand for. */
function asBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
