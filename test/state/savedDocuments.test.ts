import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SavedDocuments } from "../../src/state/savedDocuments";

describe("SavedDocuments", () => {
  let folder: string;
  const state = (n: number) => `0123456789abcdef-${n}-ff.state`;
  const write = (name: string) => writeFileSync(join(folder, name), "");
  const states = () =>
    readdirSync(folder).filter((name) => name.endsWith(".state"));

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "rwkv-saved-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("deletes the states of a document, those of nobody, and nothing else", async () => {
    const documents = new SavedDocuments(folder);
    for (const n of [1, 2, 3, 4]) write(state(n));
    for (const name of ["notes.state", "keep.txt"]) write(name);
    await documents.add("file:///a", state(1));
    await documents.add("file:///a", state(2));
    await documents.add("file:///b", state(3));
    await documents.add("file:///b", "../keep.txt");
    const gone = (uri: string) => Promise.resolve(uri === "file:///a");
    assert.equal(await new SavedDocuments(folder).remove(gone), 1);
    assert.deepEqual(states(), [state(3), "notes.state"]);
    assert.ok(readdirSync(folder).includes("keep.txt"));
  });

  it("deletes the states of a document whose name cannot be read", async () => {
    const documents = new SavedDocuments(folder);
    write(state(1));
    await documents.add("file:///a", state(1));
    const [name] = readdirSync(folder).filter((each) =>
      each.endsWith(".document"),
    );
    writeFileSync(join(folder, name!), `["x`, { flag: "a" });
    await documents.remove(() => Promise.resolve(false));
    assert.deepEqual(readdirSync(folder), []);
  });
});
