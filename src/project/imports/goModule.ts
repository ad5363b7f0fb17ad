/** A module that another one needs, at a version. */
export interface NeededModule {
  readonly name: string;
  readonly version: string;
}

/** What stands for a module. */
export interface ReplacedModule {
  readonly name: string;
  /** The version that is replaced; empty for all. */
  readonly version: string;
  /** The name of another module, or a folder (absolute, or with `./` or `../`). */
  readonly by: string;
  /** Empty for a folder. */
  readonly byVersion: string;
}

/** What a `go.mod` says of its module. */
export interface ModuleFile {
  /** Empty if there is none. */
  readonly name: string;
  readonly needs: readonly NeededModule[];
  readonly replaced: readonly ReplacedModule[];
}

/** Reads a `go.mod`; lines that it does not know count for nothing. */
export function readModule(text: string): ModuleFile {
  let name = "";
  const needs: NeededModule[] = [];
  const replaced: ReplacedModule[] = [];
  /** The word before the brackets around a line. */
  let block: string | undefined;
  for (const line of text.split("\n")) {
    const words = wordsOf(line);
    if (words[0] === ")") {
      block = undefined;
      continue;
    }
    const directive = block ?? words.shift();
    if (words[0] === "(") {
      block = directive;
      continue;
    }
    const [first = "", second = ""] = words;
    if (directive === "module") name = first;
    else if (directive === "require")
      needs.push({ name: first, version: second });
    else if (directive === "replace") {
      const arrow = words.indexOf("=>");
      const [by = "", byVersion = ""] = words.slice(arrow + 1);
      if (arrow < 1 || by === "") continue;
      const version = arrow > 1 ? second : "";
      replaced.push({ name: first, version, by, byVersion });
    }
  }
  return { name, needs, replaced };
}

/** The words of a line, without quotes and without its comment. */
function wordsOf(line: string): string[] {
  const words = line.trim().split(/\s+/);
  const comment = words.findIndex((word) => word.startsWith("//"));
  return (comment < 0 ? words : words.slice(0, comment))
    .map((word) => word.replace(/^["`]|["`]$/g, ""))
    .filter((word) => word !== "");
}
