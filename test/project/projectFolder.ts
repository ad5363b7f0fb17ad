import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { ProjectFiles } from "../../src/project/files";
import { Indexer, type IndexerOptions } from "../../src/project/indexer";
import { Project } from "../../src/project/project";
import { scanNames } from "../../src/project/names";
import { encode } from "../../src/tokenizer/tokenizer";
import { FakeTokenizer } from "../support/fakeTokenizer";

/** A folder of a test, with what is indexed of it. */
export class ProjectFolder {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "project-")));
  readonly log: string[] = [];
  /** Texts of the editor, by path. */
  readonly open = new Map<string, string>();

  write(path: string, text = `name_${path.replace(/\W/g, "_")}\n`): string {
    const at = this.at(path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, text);
    return at;
  }

  at(path: string): string {
    return join(this.root, path);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  indexer(options: Partial<IndexerOptions> = {}): {
    indexer: Indexer;
    project: Project;
  } {
    const mayRead = options.mayRead ?? (() => true);
    const project = options.project ?? new Project({ budget: 32_000_000 });
    const files = new ProjectFiles([this.root], {
      mayRead,
      log: (line) => this.log.push(line),
    });
    const indexer = new Indexer({
      files,
      project,
      mayRead,
      openText: (path) => this.open.get(path),
      turn: () => yieldToEventLoop(),
      log: (line) => this.log.push(line),
      ...options,
    });
    return { indexer, project };
  }
}

/** Puts a file of a text into a project. */
export function put(
  project: Project,
  path: string,
  text: string,
  more: {
    imports?: string[];
    libraries?: string[];
    isLibrary?: boolean;
    size?: number;
  } = {},
): void {
  const tokens = Uint16Array.from(
    encode(new FakeTokenizer(), Buffer.from(text)),
  );
  project.update(
    {
      path,
      size: text.length,
      modified: 1,
      imports: [],
      libraries: [],
      isLibrary: false,
      ...more,
    },
    { names: scanNames(text), tokens },
  );
}

/** All names of a project, sorted. */
export function namesOf(project: Project): string[] {
  return [...project.names.sortedNames()]
    .map((id) => project.names.text(id))
    .sort();
}
