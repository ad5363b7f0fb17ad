import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Contexts } from "../../bench/eval/contexts";
import { readSourceFiles } from "../../bench/eval/sourceFiles";
import { openSubject, type Subject } from "../../bench/eval/subject";
import { openBeside, Typist } from "../../bench/eval/typist";
import { uriOf } from "../../bench/eval/typing";
import { neighbourFiles } from "../../src/runtime/fileVectors";
import { makeTinyModel, type TinyModel } from "../support/tinyModel";

describe("contexts of a model with vectors", () => {
  let tiny: TinyModel;
  let folder: string;
  before(async () => {
    tiny = await makeTinyModel();
    folder = mkdtempSync(join(tmpdir(), "rwkv-contexts-"));
    for (const name of ["src", "lib"]) {
      mkdirSync(join(folder, name));
      for (let i = 0; i < 4; i++)
        writeFileSync(
          join(folder, name, `${i}.js`),
          `let ${name}${i} = "${"in ".repeat(i)}";\n`.repeat(20),
        );
    }
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
    tiny.remove();
  });

  /** How many other files each of the first two files is compared with. */
  async function compared(
    context: "file alone" | "open files" | "project",
    subject: Subject,
  ): Promise<number[]> {
    const contexts = new Contexts(subject);
    const files = readSourceFiles(folder);
    const counts: number[] = [];
    for (const file of files.slice(0, 2)) {
      const known = await contexts.open(context, folder, file, files);
      await openBeside(subject, known.open);
      const others = known.open.map(uriOf);
      const more = known.project?.sourcesFor(file) ?? [];
      counts.push(subject.runtime.nearVectors({ others, more }).length);
      for (const uri of others) subject.runtime.forget(uri);
      await contexts.close(known, file);
    }
    return counts;
  }

  it("have as many files read as the product compares with", async () => {
    const subject = await openSubject(tiny.folder);
    const all = [neighbourFiles, neighbourFiles];
    assert.deepEqual(await compared("file alone", subject), [0, 0]);
    assert.deepEqual(await compared("open files", subject), all);
    assert.deepEqual(await compared("project", subject), all);
    await subject.network.dispose();
  });

  it("of a project have no names from a hole in a file, but those of other files", async () => {
    const subject = await openSubject(tiny.folder);
    const name = "onlyInTheHole";
    const text = `call(${name}, 1);\n`;
    const path = join(folder, "hole.js");
    writeFileSync(path, text);
    const files = readSourceFiles(folder);
    const file = files.find(({ path }) => path === "hole.js")!;
    const contexts = new Contexts(subject);
    const known = await contexts.open("project", folder, file, files);
    const found = (typed: string) =>
      known.project!.candidates(file, { typed }).map(({ name }) => name);
    const start = text.indexOf(name);
    const hole = {
      start,
      text: name,
      rest: "",
      suffixStart: start + name.length,
    };
    const typist = new Typist(subject, file, known, {
      settings: {},
      isTimed: false,
      isClosing: false,
    });
    assert.deepEqual(found("onlyIn"), [name]);
    await typist.open(hole);
    assert.deepEqual(found("onlyIn"), []);
    assert.deepEqual(found("ca"), ["call"]);
    assert.ok(found("lib").includes("lib1"));
    await contexts.close(known, file);
    rmSync(path);
    await subject.network.dispose();
  });

  it("have none read where nothing is mixed in", async () => {
    const subject = await openSubject(tiny.folder, { copies: false });
    assert.deepEqual(await compared("open files", subject), [0, 0]);
    assert.deepEqual(await compared("project", subject), [0, 0]);
    await subject.network.dispose();
  });
});
