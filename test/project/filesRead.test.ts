import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import promises from "node:fs/promises";
import { mock } from "node:test";
import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { readSource } from "../../src/project/filesRead";
import { namesOf, ProjectFolder } from "./projectFolder";

describe("the text of a file", () => {
  const { open } = promises;
  let folder: ProjectFolder;
  beforeEach(() => {
    folder = new ProjectFolder();
  });
  afterEach(() => {
    mock.restoreAll();
    mock.timers.reset();
    folder.remove();
  });

  /** Has something happen to a file right before each of its first reads. */
  function beforeReads(times: number, happen: () => void): void {
    let left = times;
    mock.method(promises, "open", async (...args: Parameters<typeof open>) => {
      const file = await open(...args);
      const read = file.read.bind(file) as (...given: unknown[]) => unknown;
      Object.assign(file, {
        read: (...given: unknown[]) => {
          if (left-- > 0) happen();
          return read(...given);
        },
      });
      return file;
    });
  }

  it("is what stood there at one moment: a file that changes is read once more", async () => {
    const path = folder.write("a.ts", "alpha");
    beforeReads(1, () => appendFileSync(path, " beta"));
    const source = await readSource(path, 1000);
    assert.ok(typeof source === "object");
    assert.equal(source.text, "alpha beta");
    assert.equal(source.size, 10);
  });

  it("is left out while a file keeps changing, growing or shrinking", async () => {
    const path = folder.write("a.ts", "alpha");
    beforeReads(9, () => appendFileSync(path, " more"));
    assert.equal(await readSource(path, 1000), "changing");
    mock.restoreAll();
    beforeReads(9, () => writeFileSync(path, ""));
    writeFileSync(path, "alpha beta");
    const source = await readSource(path, 1000);
    assert.ok(
      source === "changing" || (source as { text: string }).text === "",
    );
  });

  it("is left out beyond the limit, in a folder, and where there is none", async () => {
    const path = folder.write("a.ts", "alpha");
    assert.equal(await readSource(path, 4), "too large");
    assert.equal(await readSource(folder.root, 1000), "not a file");
    assert.equal(await readSource(folder.at("none.ts"), 1000), "unreadable");
  });

  it("that is no UTF-8 says so", async () => {
    const path = folder.write("a.ts");
    writeFileSync(path, Buffer.from("alpha gr\xf6\xdfe", "latin1"));
    const source = await readSource(path, 1000);
    assert.ok(typeof source === "object" && !source.isUtf8);
    assert.match(source.text, /^alpha gr\ufffd/);
  });

  it("that a network folder never gives does not hold up the others, and is named in the log", async () => {
    folder.write("a.ts", "alpha");
    folder.write("slow.ts", "never");
    folder.write("z.ts", "omega");
    let read = 0;
    mock.method(promises, "open", async (...args: Parameters<typeof open>) => {
      if (String(args[0]).endsWith("slow.ts"))
        return new Promise<never>(() => undefined);
      const file = await open(...args);
      const close = file.close.bind(file);
      return Object.assign(file, {
        close: () => close().finally(() => read++),
      });
    });
    mock.timers.enable({ apis: ["setTimeout"] });
    const { indexer, project } = folder.indexer();
    indexer.rescan();
    let isSettled = false;
    const settled = indexer.settled().then(() => (isSettled = true));
    while (!isSettled) {
      await yieldToEventLoop();
      // The others are read in real time.
      if (read >= 2) mock.timers.tick(1000);
    }
    await settled;
    assert.deepEqual(namesOf(project), ["alpha", "omega"]);
    assert.match(folder.log.join("\n"), /slow\.ts took longer than 5000 ms/);
  });
});
