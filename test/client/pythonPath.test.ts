import assert from "node:assert/strict";
import { homedir } from "node:os";
import { resolve } from "node:path";
import type * as module from "../../src/client/pythonPath";
import { FakeEditor } from "./support/fakeVscode";

const at = (path: string) => resolve(path);

describe("the Python interpreter of the editor", () => {
  let editor: FakeEditor;
  beforeEach(() => {
    editor = new FakeEditor();
    editor.folder = at("/work");
  });

  const path = () => editor.load<typeof module>("pythonPath").pythonPath();
  const set = (value: unknown) =>
    editor.settings.set("defaultInterpreterPath", value);
  const extension = (isActive: boolean, chosen: () => unknown) =>
    editor.extensions.set("ms-python.python", {
      isActive,
      exports: { environments: { getActiveEnvironmentPath: chosen } },
    });

  it("is the one that the Python extension has chosen", () => {
    set(at("/usr/bin/python3"));
    extension(true, () => ({ path: at("/envs/a/bin/python") }));
    assert.equal(path(), at("/envs/a/bin/python"));
  });

  it("is that of the setting where the extension does not say", () => {
    set(at("/usr/bin/python3"));
    assert.equal(path(), at("/usr/bin/python3"));
    for (const chosen of [
      () => ({ path: "python" }),
      () => ({ path: 3 }),
      () => {
        throw new Error("gone");
      },
    ]) {
      extension(true, chosen);
      assert.equal(path(), at("/usr/bin/python3"));
    }
    extension(false, () => assert.fail("the extension is not started"));
    assert.equal(path(), at("/usr/bin/python3"));
  });

  it("may be in the workspace's folder or at home", () => {
    set("${workspaceFolder}/.venv/bin/python");
    assert.equal(path(), `${at("/work")}/.venv/bin/python`);
    set("~/envs/bin/python");
    assert.equal(path(), `${homedir()}/envs/bin/python`);
  });

  it("is none where no place on the disk is named", () => {
    for (const value of [undefined, "python", "", 3, "./python"]) {
      set(value);
      assert.equal(path(), "", String(value));
    }
    editor.hasFolder = false;
    set("${workspaceFolder}/.venv/bin/python");
    assert.equal(path(), "");
  });
});
