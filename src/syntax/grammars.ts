import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type * as TreeSitter from "web-tree-sitter";
import { grammarNameOf } from "./languages";

/** Milliseconds after which loading a grammar is given up. */
const defaultTimeLimit = 10_000;

/** A loaded grammar and the library that parses with it. */
export interface Grammar {
  /** As in the file's name, such as `typescript`. */
  readonly name: string;
  readonly language: TreeSitter.Language;
  readonly library: typeof TreeSitter;
}

export interface GrammarOptions {
  /** Receives one sentence for each grammar that cannot be loaded, with the reason. */
  readonly onFailure: (message: string) => void;
  /** Folder of the files `tree-sitter-NAME.wasm`; by default that of `@vscode/tree-sitter-wasm`. */
  readonly folder?: string;
  /** Milliseconds that loading may take. */
  readonly timeLimit?: number;
}

/**
 * Loads each grammar when its language is first used. A grammar that fails to load, or takes too
 * long, is not tried again in this process; documents in its language have no tree.
 */
export class Grammars {
  private readonly loading = new Map<string, Promise<Grammar | undefined>>();

  constructor(private readonly options: GrammarOptions) {}

  /** Loads a language's grammar. Undefined if there is none or loading fails; never throws. */
  async load(languageId: string): Promise<Grammar | undefined> {
    const name = grammarNameOf(languageId);
    if (name === undefined) return undefined;
    let loading = this.loading.get(name);
    if (loading === undefined) {
      loading = this.loadOrLeaveOut(name);
      this.loading.set(name, loading);
    }
    return loading;
  }

  private async loadOrLeaveOut(name: string): Promise<Grammar | undefined> {
    const limit = this.options.timeLimit ?? defaultTimeLimit;
    const timer = new AbortController();
    try {
      const grammar = await Promise.race([
        loadGrammar(name, this.options.folder),
        delay(limit, undefined, { ref: false, signal: timer.signal }),
      ]);
      if (grammar === undefined) throw new Error(`not loaded in ${limit} ms`);
      return grammar;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.options.onFailure(
        `The grammar "${name}" is left out, its files are completed without a parser: ${why}`,
      );
      return undefined;
    } finally {
      timer.abort();
    }
  }
}

async function loadGrammar(name: string, folder?: string): Promise<Grammar> {
  const library = await loadLibrary();
  const path = join(folder ?? grammarFolder(), `tree-sitter-${name}.wasm`);
  const language = await library.Language.load(await readFile(path));
  // Throws here, not at the first document, if the grammar's format is unknown.
  const parser = new library.Parser();
  parser.setLanguage(language);
  parser.delete();
  return { name, language, library };
}

let library: Promise<typeof TreeSitter> | undefined;

/** Compiles the parser itself, once a process. */
async function loadLibrary(): Promise<typeof TreeSitter> {
  library ??= import("web-tree-sitter").then(async (loaded) => {
    await loaded.Parser.init();
    return loaded;
  });
  return library;
}

/** Below `node_modules` in a checkout, below `dist/node_modules` in the packaged extension. */
function grammarFolder(): string {
  const require = createRequire(join(__dirname, "grammars.js"));
  const manifest = require.resolve("@vscode/tree-sitter-wasm/package.json");
  return join(dirname(manifest), "wasm");
}
