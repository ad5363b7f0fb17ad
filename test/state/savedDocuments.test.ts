import assert from "node:assert/strict";
import {
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
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

  it("deletes what is listed though it is gone already", async () => {
    const documents = new SavedDocuments(folder);
    await documents.add("file:///a", state(1));
    assert.equal(await documents.remove(() => Promise.resolve(true)), 1);
    assert.deepEqual(readdirSync(folder), []);
  });

  it("counts as unknown what a line does not name as a text", async () => {
    const documents = new SavedDocuments(folder);
    for (const n of [1, 2]) write(state(n));
    await documents.add("file:///a", state(1));
    const [name] = readdirSync(folder).filter((each) =>
      each.endsWith(".document"),
    );
    for (const line of [[5, state(2)], "text", [], null])
      writeFileSync(join(folder, name!), `${JSON.stringify(line)}\n`, {
        flag: "a",
      });
    assert.equal(await documents.remove(() => Promise.resolve(false)), 1);
    assert.deepEqual(readdirSync(folder), []);
  });

  it("forgets all documents, and leaves the states to the caller", async () => {
    const documents = new SavedDocuments(folder);
    for (const name of [state(1), "keep.txt", "other.document"]) write(name);
    await documents.add("file:///a", state(1));
    await documents.add("file:///b", state(1));
    await documents.clear();
    assert.deepEqual(readdirSync(folder).sort(), [
      state(1),
      "keep.txt",
      "other.document",
    ]);
    await new SavedDocuments(join(folder, "none")).clear();
  });

  it("is for the user alone", async function () {
    if (process.platform === "win32") this.skip();
    await new SavedDocuments(join(folder, "new")).add("file:///a", state(1));
    const [name] = readdirSync(join(folder, "new"));
    const mode = (path: string) => statSync(join(folder, path)).mode & 0o777;
    assert.equal(mode("new"), 0o700);
    assert.equal(mode(join("new", name!)), 0o600);
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
