import { nameSource } from "../../text/words";
import type { NamePlace } from "./candidates";

/** Characters before the cursor in which a list of imports begins, and behind it in which it ends. */
const listReach = 2000;
const endReach = 500;
/** Characters of a file in which it says what it imports. */
const importReach = 32 * 1024;

/** What is known of the imports of a language. No pattern may take more than some look at each character. */
interface ImportSyntax {
  /** The import in whose list a name stands, by the text before it and the text behind. */
  listed(before: string, after: string): string | undefined;
  /** The import by which a name is bound. */
  bound(text: string, name: string): string | undefined;
}

const javascript: ImportSyntax = {
  listed(before, after) {
    if (/\b(?:import|export)\s[^;"'{}()]*\{[^{}"'`;]*$/.test(before))
      return /^[^;{}"']*\}\s*from\s*["']([^"'\n]+)["']/.exec(after)?.[1];
    if (/\b(?:const|let|var)\s*\{[^{}"'`;]*$/.test(before))
      return /^[^;{}"']*\}\s*=\s*(?:await\s+)?(?:require|import)\s*\(\s*["']([^"'\n]+)["']/.exec(
        after,
      )?.[1];
    return undefined;
  },
  bound: (text, name) =>
    binding(
      text,
      /\b(?:import\s([^;"'()]{1,1000}?)from\s*|(?:const|let|var)\s([^;"'()=]{1,500})=\s*(?:await\s+)?(?:require|import)\s*\(\s*)["'](?<from>[^"'\n]+)["']/g,
      name,
    ),
};

const python: ImportSyntax = {
  listed: (before) =>
    /(?:^|\n)[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+(?:\([^()]*|[^()\n#;]*)$/.exec(
      before,
    )?.[1],
  bound(text, name) {
    for (const [, list = ""] of text.matchAll(
      /^[ \t]*import[ \t]+([^\n#;]+)/gm,
    ))
      for (const item of list.split(",")) {
        const [module = "", as, alias] = item.trim().split(/\s+/);
        if (as === undefined ? module.split(".")[0] === name : alias === name)
          return as === undefined ? name : module;
      }
    return binding(
      text,
      /^[ \t]*from[ \t]+(?<from>[\w.]+)[ \t]+import\b(?:[ \t]*\(([^()]{0,2000})|([^\n(]*))/gm,
      name,
    );
  },
};

const go: ImportSyntax = {
  listed: () => undefined,
  bound(text, name) {
    for (const [, alias, from = ""] of text.matchAll(
      /^[ \t]*(?:import[ \t]+)?(?:([\w.]+)[ \t]+)?"([^"\n]+)"/gm,
    )) {
      // "net/http", "gopkg.in/yaml.v3", "example.org/go-toml/v2"
      const own = from
        .replace(/[/.]v\d+$/, "")
        .replace(/^.*\//, "")
        .replace(/^go-|[-.]go$/g, "");
      if ((alias ?? own) === name) return from;
    }
    return undefined;
  },
};

const rust: ImportSyntax = {
  // The crate: what is typed of its path is none yet.
  listed: (before) =>
    /\buse\s+(?:::)?(\w+)(?:::\w+)*::(?:\{[^;]*)?$/.exec(before)?.[1],
  bound: (text, name) =>
    binding(text, /\buse\s+(?:::)?(?=(?<from>\w+))([^;]{1,1000})/g, name),
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

const anyName = new RegExp(nameSource, "gu");
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
    : syntax.bound(before.slice(0, importReach), name);
}

/** What is in the group `from` of the first match that has a name in another group. */
function binding(
  text: string,
  statement: RegExp,
  name: string,
): string | undefined {
  for (const match of text.matchAll(statement)) {
    const from = match.groups?.["from"];
    const lists = match.slice(1).filter((part) => part && part !== from);
    const words = lists.flatMap((list) => list.match(anyName) ?? []);
    if (words.includes(name)) return from;
  }
  return undefined;
}
