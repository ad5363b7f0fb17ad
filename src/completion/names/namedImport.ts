import { nameSource } from "../../text/words";
import type { NamePlace } from "./candidates";

/** Characters before the cursor in which a list of imports begins, and behind it in which it ends. */
const listReach = 2000;
const endReach = 500;
/** Characters of a file in which it says what it imports. */
const importReach = 32 * 1024;

/** What is known of the imports of a language. */
interface ImportSyntax {
  /** The import in whose list a name stands, by the text before it and the text behind. */
  listed(before: string, after: string): string | undefined;
  /**
   * The import by which a name is bound.
   *
   * @param name of `nameSource`, so that it means itself in a pattern but for `$`
   */
  bound(text: string, name: string): string | undefined;
}

const quoted = `["']([^"'\\n]+)["']`;

const javascript: ImportSyntax = {
  listed(before, after) {
    if (/\b(?:import|export)\s[^;"'{}()]*\{[^{}"'`;]*$/.test(before))
      return first(after, `^[^;{}"']*\\}\\s*from\\s*${quoted}`);
    if (/\b(?:const|let|var)\s*\{[^{}"'`;]*$/.test(before))
      return first(
        after,
        `^[^;{}"']*\\}\\s*=\\s*(?:await\\s+)?(?:require|import)\\s*\\(\\s*${quoted}`,
      );
    return undefined;
  },
  bound: (text, name) =>
    first(
      text,
      `\\bimport\\s+(?:type\\s+)?(?:[^;"'()]*[\\s,{])?${name}(?:[\\s,}][^;"'()]*)?from\\s*${quoted}`,
    ) ??
    first(
      text,
      `\\b(?:const|let|var)\\s+${name}\\s*=\\s*(?:await\\s+)?(?:require|import)\\s*\\(\\s*${quoted}`,
    ),
};

const python: ImportSyntax = {
  listed: (before) =>
    /(?:^|\n)[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+(?:\([^()]*|[^()\n#;]*)$/.exec(
      before,
    )?.[1],
  bound: (text, name) =>
    first(text, `^[ \\t]*import[ \\t]+([\\w.]+)[ \\t]+as[ \\t]+${name}\\b`) ??
    first(
      text,
      `^[ \\t]*import[ \\t]+(?:[\\w. \\t]+,[ \\t]*)*(${name})(?![\\w]|[ \\t]+as\\b)`,
    ) ??
    first(
      text,
      `^[ \\t]*from[ \\t]+([\\w.]+)[ \\t]+import\\b(?:[^\\n(]*|[ \\t]*\\([^)]*)\\b${name}\\b`,
    ),
};

const go: ImportSyntax = {
  listed: () => undefined,
  bound: (text, name) =>
    first(text, `^\\s*(?:import\\s+)?${name}\\s+"([^"\\n]+)"`) ??
    first(
      text,
      `^\\s*(?:import\\s+)?"((?:[^"\\n]*/)?(?:go-)?${name}(?:[./-](?:v\\d+|go))?)"`,
    ),
};

const rust: ImportSyntax = {
  // The crate: what is typed of its path is none yet.
  listed: (before) =>
    /\buse\s+(?:::)?(\w+)(?:::\w+)*::(?:\{[^;]*)?$/.exec(before)?.[1],
  bound: (text, name) =>
    first(text, `\\buse\\s+(?:::)?(${name})\\s*(?:::|;|\\s+as\\b)`) ??
    first(text, `\\buse\\s+(?:::)?(\\w+)::[^;]*\\b${name}\\b`),
};

const syntaxes: Readonly<Record<string, ImportSyntax>> = {
  javascript,
  javascriptreact: javascript,
  typescript: javascript,
  typescriptreact: javascript,
  vue: javascript,
  svelte: javascript,
  python,
  go,
  rust,
};

const receiver = new RegExp(
  `(?:^|[^.:>)\\]\\w$])(${nameSource})(?:(?:\\.|::)${nameSource})*(?:\\.|::)$`,
  "u",
);

/**
 * The import from which the text says that a name is taken, as it is written: "numpy" in `np.█`
 * below `import numpy as np`, "react" in `import { █ } from "react"`; undefined where it says none.
 */
export function namedImport(
  { typed, before, after }: NamePlace,
  languageId: string,
): string | undefined {
  const syntax = Object.hasOwn(syntaxes, languageId)
    ? syntaxes[languageId]!
    : undefined;
  if (syntax === undefined) return undefined;
  const head = before.slice(-listReach, before.length - typed.length);
  const listed = syntax.listed(head, after.slice(0, endReach));
  if (listed !== undefined) return listed;
  const [, name] = receiver.exec(head.slice(-endReach)) ?? [];
  return name === undefined
    ? undefined
    : syntax.bound(before.slice(0, importReach), name.replaceAll("$", "\\$"));
}

/** The first group of the first match of a pattern. */
function first(text: string, pattern: string): string | undefined {
  return new RegExp(pattern, "mu").exec(text)?.[1];
}
