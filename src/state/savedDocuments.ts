import { createHash } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { stateName } from "./stateFolder";

const documentName = /^[0-9a-f]{32}\.document$/;

/**
 * Records which saved states belong to which document, so that a document's states can be deleted: one
 * file a document, beside the states, with lines `["document", "file name of a state"]`.
 *
 * A line is written before its state, so a state without a line belongs to an unknown document.
 * Several processes may append to one file.
 */
export class SavedDocuments {
  /** @param folder that holds the states */
  constructor(private readonly folder: string) {}

  /** Records a state that is about to be saved. @throws Error if the file cannot be written */
  async add(document: string, state: string): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const line = `${JSON.stringify([document, state])}\n`;
    await appendFile(this.at(nameOf(document)), line, { mode: 0o600 });
  }

  /**
   * Deletes the states of documents that must not be kept, and those of unknown documents.
   *
   * @returns how many documents' states were deleted
   * @throws Error if a file cannot be deleted
   */
  async remove(
    mustGo: (document: string) => Promise<boolean>,
  ): Promise<number> {
    // The folder is listed before the lines are read: every state listed has its line by then.
    const names = await this.list();
    const unknown = new Set(names.filter((name) => stateName.test(name)));
    let removed = 0;
    for (const name of names) {
      if (!documentName.test(name)) continue;
      const { document, states } = await this.read(name);
      for (const state of states) unknown.delete(state);
      if (document !== undefined && !(await mustGo(document))) continue;
      for (const state of states) await this.delete(state);
      await this.delete(name);
      removed++;
    }
    for (const state of unknown) await this.delete(state);
    return removed;
  }

  /** Deletes all records; the caller deletes the states. @throws Error if a file cannot be deleted */
  async clear(): Promise<void> {
    for (const name of await this.list())
      if (documentName.test(name)) await this.delete(name);
  }

  private async list(): Promise<string[]> {
    try {
      return await readdir(this.folder);
    } catch {
      return [];
    }
  }

  /** The document and states in a file; `document` is undefined if a line is damaged. */
  private async read(
    name: string,
  ): Promise<{ document: string | undefined; states: string[] }> {
    let document: string | undefined;
    const states: string[] = [];
    let isWhole = true;
    const text = await readFile(this.at(name), "utf8").catch(() => "");
    for (const line of text.split("\n")) {
      if (line === "") continue;
      const [of, state] = parse(line);
      if (of !== undefined && nameOf(of) === name) document = of;
      else isWhole = false;
      if (state !== undefined) states.push(state);
    }
    return { document: isWhole ? document : undefined, states };
  }

  private async delete(name: string): Promise<void> {
    await rm(this.at(name), { force: true });
  }

  private at(name: string): string {
    return join(this.folder, name);
  }
}

function nameOf(document: string): string {
  const hash = createHash("sha256").update(document).digest("hex");
  return `${hash.slice(0, 32)}.document`;
}

function parse(line: string): [string | undefined, string | undefined] {
  try {
    const [document, state] = JSON.parse(line) as unknown[];
    return [
      typeof document === "string" ? document : undefined,
      // Only files with the name of a state are ever deleted.
      typeof state === "string" && stateName.test(state) ? state : undefined,
    ];
  } catch {
    return [undefined, undefined];
  }
}
