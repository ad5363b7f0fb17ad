import { createHash } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

const stateName = /^[0-9a-f]{16}-\d{1,16}-[0-9a-f]{1,14}\.state$/;
const documentName = /^[0-9a-f]{32}\.document$/;

/**
 * Which saved states belong to which document, so that those of a document can be deleted: one file
 * for each, beside the states, of lines `["document", "name of a state"]`.
 *
 * A line is written before its state, so a state that stands in no line is of a document that
 * nobody knows. Several processes may append to one file.
 */
export class SavedDocuments {
  /** @param folder that holds the states */
  constructor(private readonly folder: string) {}

  /** Takes note that a state is about to be saved. @throws Error if that fails */
  async add(document: string, state: string): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const line = `${JSON.stringify([document, state])}\n`;
    await appendFile(this.at(nameOf(document)), line, { mode: 0o600 });
  }

  /**
   * Deletes the states of documents that must not be kept, and those of documents unknown.
   *
   * @returns how many documents' states were deleted
   * @throws Error if a file cannot be deleted
   */
  async remove(
    mustGo: (document: string) => Promise<boolean>,
  ): Promise<number> {
    // States first: one that is listed had its line before.
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

  /** Forgets all documents; their states are the caller's to delete. @throws Error if that fails */
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

  /** What is in a file; no document if that cannot be told. */
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
      // Only what a state can be called is ever deleted.
      typeof state === "string" && stateName.test(state) ? state : undefined,
    ];
  } catch {
    return [undefined, undefined];
  }
}
