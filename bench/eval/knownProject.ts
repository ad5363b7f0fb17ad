import { homedir } from "node:os";
import { join, relative, sep } from "node:path";
import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import type { CopyIndex } from "../../src/copying/copyIndex";
import {
  nameCandidates,
  type NameCandidate,
  type NameQuery,
} from "../../src/project/candidates";
import { ProjectFiles } from "../../src/project/files";
import { diskReader, Libraries } from "../../src/project/imports/libraries";
import { Indexer } from "../../src/project/indexer";
import { scanNames } from "../../src/project/names";
import { mostSources, Project } from "../../src/project/project";
import { defaultProcessSettings } from "../../src/protocol";
import { neighbourFiles } from "../../src/runtime/fileVectors";
import { maxProjectNames } from "../../src/server/features/project";
import { mebibyte } from "../../src/text/bytes";
import type { SourceFile } from "./sourceFiles";
import type { Subject } from "./subject";

/** A folder as the product knows it once it is indexed, with one file of it open. */
export class KnownProject {
  private constructor(
    private readonly folder: string,
    private readonly project: Project,
    private readonly indexer: Indexer,
    private readonly subject: Subject,
  ) {}

  /** @param hasLibraries whether what the open file imports is known, too */
  static async of(
    folder: string,
    subject: Subject,
    hasLibraries: boolean,
  ): Promise<KnownProject> {
    const mayRead = () => true;
    const budget = defaultProcessSettings.projectMemory * mebibyte;
    const project = new Project({ budget });
    const indexer = new Indexer({
      files: new ProjectFiles([folder], { mayRead }),
      project,
      mayRead,
      libraries: hasLibraries
        ? new Libraries({
            reader: diskReader(mayRead),
            roots: [folder],
            home: homedir(),
            environment: process.env,
          })
        : undefined,
      turn: () => yieldToEventLoop(),
    });
    indexer.useTokenizer(subject.tokenizer, subject.sources.firstText);
    indexer.rescan();
    await indexer.settled();
    return new KnownProject(folder, project, indexer, subject);
  }

  /** Opens a file: its libraries are read, and it can be copied from and compared with what lies near to it. */
  async open(file: SourceFile): Promise<void> {
    this.indexer.opened(this.pathOf(file));
    await this.indexer.settled();
    const { runtime, documentStart } = this.subject;
    const { signal } = new AbortController();
    for (const index of this.sourcesFor(file).slice(0, neighbourFiles)) {
      const { path } = this.project.fileOf(index)!;
      const shown = relative(this.folder, path).split(sep).join("/");
      await runtime.readFile(index, documentStart(shown), signal);
    }
  }

  /** Closes a file: its text on the disk counts again. */
  async close(file: SourceFile): Promise<void> {
    this.indexer.closed(this.pathOf(file));
    await this.indexer.settled();
  }

  /** Takes the text of a file as it is in the editor. */
  edit(file: SourceFile, text: string): void {
    const path = this.pathOf(file);
    const id = this.project.idOf(path);
    const record = id === undefined ? undefined : this.project.record(id);
    if (record === undefined) return;
    // As a new one: what another line was taken out of before was not declared just now.
    this.project.remove(path);
    const content = { names: scanNames(text), tokens: undefined };
    this.project.update(record, content);
  }

  /** Indexes to copy from, the nearest first. The file itself is not among them. */
  sourcesFor(file: SourceFile): CopyIndex[] {
    return this.project.sourcesFor(this.pathOf(file), mostSources);
  }

  /** The names that may stand at a place of a file. */
  candidates(
    file: SourceFile,
    place: Omit<NameQuery, "path">,
  ): NameCandidate[] {
    const query = { path: this.pathOf(file), ...place };
    return nameCandidates(this.project, query, maxProjectNames);
  }

  private pathOf({ path }: SourceFile): string {
    return join(this.folder, ...path.split("/"));
  }
}
