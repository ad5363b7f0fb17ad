import { KnownProject } from "./knownProject";
import { neighbours, type SourceFile } from "./sourceFiles";
import type { Subject } from "./subject";

/** As many as the server copies from. */
const openFiles = 8;

/** What the product knows besides the file in which is typed. */
export interface Known {
  /** Files that are open beside it. */
  readonly open: readonly SourceFile[];
  /** The whole project, as it is indexed. */
  readonly project?: KnownProject | undefined;
}

/** By names; a row of the project's table each. Nothing but the file is open in a known project. */
export const contexts = [
  "file alone",
  "open files",
  "project",
  "project and libraries",
] as const;

export type Context = (typeof contexts)[number];

/** @throws Error for a word that names none */
export function asContext(word: string): Context {
  const found = contexts.find((known) => known === word);
  if (found === undefined)
    throw new Error(`--context takes ${contexts.join(", ")}`);
  return found;
}

/** Knows projects, and indexes none of them twice. */
export class Contexts {
  private readonly projects = new Map<string, Promise<KnownProject>>();

  constructor(private readonly subject: Subject) {}

  /** What is known in a context once `file` is open; to be given back to `close`. */
  async open(
    context: Context,
    folder: string,
    file: SourceFile,
    files: readonly SourceFile[],
  ): Promise<Known> {
    if (context === "file alone") return { open: [] };
    if (context === "open files")
      return { open: neighbours(file, files, openFiles) };
    const key = `${context}\n${folder}`;
    const hasLibraries = context === "project and libraries";
    const known =
      this.projects.get(key) ??
      KnownProject.of(folder, this.subject, hasLibraries);
    this.projects.set(key, known);
    const project = await known;
    await project.open(file);
    return { open: [], project };
  }

  async close({ project }: Known, file: SourceFile): Promise<void> {
    await project?.close(file);
  }
}
