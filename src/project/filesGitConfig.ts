/** A line of a configuration file: the setting's name in lower case, as `core.excludesfile`, and its value. */
export type GitSetting = readonly [name: string, value: string];

/**
 * The settings of a configuration file's text, in their order (https://git-scm.com/docs/git-config). Lines
 * that git would refuse, and settings of sections with a name of their own (`[remote "x"]`), are left out.
 */
export function parseGitConfig(text: string): GitSetting[] {
  let section: string | undefined;
  const settings: GitSetting[] = [];
  // A backslash at a line's end continues the value.
  const lines = text.replace(/^\uFEFF/, "").replace(/\\\r?\n/g, "");
  for (const line of lines.split("\n")) {
    const head = /^\s*\[([^\]"]*?)\s*("(?:\\.|[^"\\])*")?\]/.exec(line);
    if (head)
      section = head[2] === undefined ? head[1]!.toLowerCase() : undefined;
    const pair = /^\s*([a-z][a-z0-9-]*)\s*=(.*)$/i.exec(
      head ? line.slice(head[0].length) : line,
    );
    if (pair && section !== undefined)
      settings.push([
        `${section}.${pair[1]!.toLowerCase()}`,
        valueOf(pair[2]!),
      ]);
  }
  return settings;
}

/** A value without its quotes, escapes and the comment behind it. */
function valueOf(written: string): string {
  let value = "";
  /** Length of the value up to its last character that is no unquoted space. */
  let kept = 0;
  let isQuoted = false;
  for (let i = 0; i < written.length; i++) {
    const char = written[i]!;
    if (char === '"') {
      isQuoted = !isQuoted;
      continue;
    }
    if (!isQuoted && (char === "#" || char === ";")) break;
    if (char === "\\") {
      const escaped = written[++i] ?? "";
      value += { n: "\n", t: "\t", b: "\b" }[escaped] ?? escaped;
    } else if (isQuoted || !/\s/.test(char)) value += char;
    else {
      if (value !== "") value += char;
      continue;
    }
    kept = value.length;
  }
  return value.slice(0, kept);
}
