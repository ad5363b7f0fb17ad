import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, extname, join } from "node:path";

const endings = new Set([
  ".ts",
  ".js",
  ".mjs",
  ".py",
  ".go",
  ".rs",
  ".c",
  ".h",
  ".cpp",
]);
const leastBytes = 500;
const mostBytes = 60_000;
/** Files of one folder of the project that is made. */
const filesOfFolder = 20;

/** The files of source text in a folder, as far as so many bytes. */
export function sourceTexts(
  folder: string,
  bytes: number,
): { text: string; ending: string }[] {
  const found: { text: string; ending: string }[] = [];
  const queue = [folder];
  for (
    let at = queue.shift(), taken = 0;
    at !== undefined && taken < bytes;
    at = queue.shift()
  )
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) queue.push(path);
      const ending = extname(entry.name);
      if (!entry.isFile() || !endings.has(ending) || /\.min\./.test(entry.name))
        continue;
      const { size } = statSync(path);
      if (size < leastBytes || size > mostBytes) continue;
      taken += size;
      found.push({ text: readFileSync(path, "utf8"), ending });
    }
  return found;
}

/**
 * Makes a project of so many files of real text. Where there are not enough, they are repeated with
 * their longer names changed, so that the number of names grows as in a project.
 *
 * @returns its bytes
 */
export function writeProject(
  folder: string,
  texts: readonly { text: string; ending: string }[],
  files: number,
): number {
  let bytes = 0;
  for (let i = 0; i < files; i++) {
    const { text, ending } = texts[i % texts.length]!;
    const round = Math.floor(i / texts.length);
    const content =
      round === 0
        ? text
        : text.replace(/\b[a-z]\w{4,}[A-Z_]\w*/g, (name) => `${name}${round}`);
    const group = Math.floor(i / filesOfFolder);
    const path = join(
      folder,
      `part${group % 40}`,
      `d${group}`,
      `file${i}${ending}`,
    );
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    bytes += Buffer.byteLength(content);
  }
  return bytes;
}
