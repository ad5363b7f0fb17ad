import { readdir, realpath, stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { detachString } from "../../tokenizer/detachString";
import type { MayRead } from "../files";
import { isMostlyOthers } from "../filesKind";
import { readSource } from "../filesRead";
import { withTimeLimit } from "../timeLimit";
import { c } from "./c";
import { go } from "./go";
import { javascript } from "./javascript";
import {
  pathInProject,
  type ImportLanguage,
  type LibraryPlaces,
  type LibraryReader,
} from "./language";
import { python } from "./python";
import { rust } from "./rust";

const languages = [javascript, python, go, rust, c];
const byEnding = new Map(
  languages.flatMap((language) =>
    language.endings.map((ending) => [ending, language] as const),
  ),
);
/** Endings of files that may be read of a library, its description included. */
const readable = new Set([
  ...byEnding.keys(),
  ".json",
  ".cfg",
  ".mod",
  ".lock",
  ".toml",
]);

/** Limits of one library: files, and UTF-16 units of signatures. */
const mostFiles = 24;
const mostText = 256 * 1024;
const mostBytes = 1024 * 1024;
/** Milliseconds for one file. */
const maxWait = 5000;
/** Most imports of one file that are searched. */
const mostImports = 64;

/** The signatures of a library. */
export interface Library {
  /** Key of the library: the path of its first file after `library:`, so that it equals no file's path. */
  readonly path: string;
  readonly text: string;
}

/** The files of a library, and the imports of a file that name it. */
export interface LocatedLibrary {
  readonly files: readonly string[];
  readonly specifiers: readonly string[];
}

/** The language of a file's imports; undefined for other languages. */
function importLanguageOf(path: string): ImportLanguage | undefined {
  return byEnding.get(extname(path).toLowerCase());
}

/** What a text imports, as it is written there. */
export function importsIn(path: string, text: string): string[] {
  const imports = importLanguageOf(path)?.importsIn(text) ?? [];
  // A match is a slice, which would keep the whole text in memory.
  return imports.slice(0, mostImports).map(detachString);
}

/**
 * Whether a change of a path tells that packages may have been installed, updated or removed, or are looked
 * for elsewhere: what is known of their places is then to be forgotten, and libraries are to be read again.
 */
export function installs(path: string): boolean {
  const slashed = path.replaceAll("\\", "/");
  return languages.some(({ installed }) => installed.test(slashed));
}

/** Finds and reads the libraries that files import. Nothing of a library is ever run. */
export class Libraries {
  private readonly known = new Map<string, Promise<readonly string[]>>();

  constructor(private places: LibraryPlaces) {}

  /** The libraries that a file imports, by their keys. */
  async located(
    from: string,
    imports: readonly string[],
  ): Promise<Map<string, LocatedLibrary>> {
    const language = importLanguageOf(from);
    const found = new Map<string, LocatedLibrary>();
    if (language === undefined) return found;
    for (const specifier of imports) {
      const key = `${from.replace(/[^/\\]*$/, "")}\0${specifier}`;
      let files = this.known.get(key);
      if (files === undefined) {
        files = language
          .locate(specifier, from, this.places)
          .then(async (found) => ((await this.isOfProject(found)) ? [] : found))
          .catch(() => []);
        this.known.set(key, files);
      }
      const [first] = await files;
      if (first === undefined) continue;
      const path = `library:${first}`;
      const { specifiers = [] } = found.get(path) ?? {};
      found.set(path, {
        files: await files,
        specifiers: [...specifiers, specifier],
      });
    }
    return found;
  }

  /**
   * Whether the first of some files is the project's own, reached by a link or by a path in a manifest: it is
   * indexed, and changes, as a file of the project.
   */
  private async isOfProject([first]: readonly string[]): Promise<boolean> {
    if (first === undefined) return false;
    const path = await pathInProject(first, this.places);
    return path !== undefined && !path.split(/[\\/]/).some(isOfPackages);
  }

  /** Forgets the places of libraries, since some may have been installed. */
  forget(): void {
    this.known.clear();
    // Languages keep what they found at places as long as these are the same.
    this.places = { ...this.places };
  }

  /** The signatures of a library's files and of those that they re-export. */
  async read(path: string, files: readonly string[]): Promise<Library> {
    const queue = [...files];
    const seen = new Set(queue);
    let text = "";
    for (let read = 0; queue.length > 0 && text.length < mostText;) {
      const file = queue.shift()!;
      const language = isBareHeader(file) ? c : importLanguageOf(file);
      const source = await this.places.reader.read(file);
      if (language === undefined || source === undefined) continue;
      text += `${language.signatures(source.slice(0, mostText), file)}\n`;
      await yieldToEventLoop();
      if (++read >= mostFiles) break;
      for (const further of await language.passedOn(source, file, this.places))
        if (!seen.has(further)) {
          seen.add(further);
          queue.push(further);
        }
    }
    return { path, text: text.slice(0, mostText) };
  }
}

/**
 * Reads libraries from the disk. A package manager such as pnpm links them, so links are followed, and
 * their target has to be a file of source text that may be read.
 */
export function diskReader(mayRead: MayRead): LibraryReader {
  const real = async (path: string): Promise<string | undefined> => {
    if (isUnusable(path)) return undefined;
    try {
      const target = await withTimeLimit(realpath(path), maxWait, path);
      const isHeader = isBareHeader(target) && isBareHeader(path);
      if (
        isUnusable(target) ||
        !(isHeader || readable.has(extname(target).toLowerCase()))
      )
        return undefined;
      return (await mayRead(target)) ? target : undefined;
    } catch {
      return undefined;
    }
  };
  return {
    async read(path) {
      const target = await real(path);
      if (target === undefined) return undefined;
      const read = withTimeLimit(
        readSource(target, mostBytes),
        maxWait,
        target,
      );
      const source = await read.catch(() => "unreadable" as const);
      return typeof source === "string" ? undefined : source.text;
    },
    async isFile(path) {
      const target = await real(path);
      if (target === undefined) return false;
      const stats = await withTimeLimit(stat(target), maxWait, target).catch(
        () => undefined,
      );
      return stats?.isFile() === true;
    },
    async list(path) {
      if (isUnusable(path)) return [];
      const names = await withTimeLimit(readdir(path), maxWait, path).catch(
        () => [],
      );
      return names.sort();
    },
    async real(path) {
      if (isUnusable(path)) return path;
      return withTimeLimit(realpath(path), maxWait, path).catch(() => path);
    },
  };
}

/** Whether a name is that of a header without an ending, such as `Eigen/Dense`; most secrets have no capital. */
function isBareHeader(path: string): boolean {
  return /^[A-Z]\w{0,99}$/.test(basename(path));
}

/** Whether a folder of the workspace holds packages, or Python's own modules. */
function isOfPackages(name: string): boolean {
  return isMostlyOthers(name) || /^python3(?:\.\d+)?$/.test(name);
}

/** Whether a path is invalid, or is on another machine. */
function isUnusable(path: string): boolean {
  return path.includes("\0") || /^[\\/]{2}/.test(path);
}
