import assert from "node:assert/strict";
import { ServerProcess } from "../../support/serverProcess";

const uri = "file:///work/a.ts";

describe("starting to complete before the editor asks", () => {
  let server: ServerProcess;
  afterEach(() => server.stop());

  /** A server that has been asked once where the user typed. */
  const started = async (): Promise<void> => {
    server = await ServerProcess.start({
      texts: ["let a = 1;\nlet b = f(1);\n"],
    });
    await server.open(uri, "let a = 1;\nlet█");
    await server.ready();
    await type("let a = 1;\nlet █", "b = f(1);");
  };
  /** Types, and asks. */
  const type = async (marked: string, expected: string): Promise<void> => {
    await server.edit(uri, marked);
    assert.equal(await server.suggestion(uri, marked), expected);
  };
  /** Waits until nothing has been computed for a moment; the runs of all models. */
  const settled = async (): Promise<number> => {
    for (let runs = -1; ;) {
      const now = (await server.figures()).runs;
      if (now === runs) return runs;
      runs = now;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };

  it("answers a request without a run behind it", async () => {
    await started();
    const before = await settled();
    // What is remembered is typed past.
    await server.edit(uri, "let a = 1;\nlet b = █");
    const none = await settled();
    assert.equal(none, before);
    await server.edit(uri, "let a = 1;\nlet b = f(1);\nlet a█");
    await server.runsBeyond(none);
    const runs = await settled();
    const text = "let a = 1;\nlet b = f(1);\nlet a█";
    await server.complete(uri, text);
    assert.equal((await server.figures()).runs, runs);
  });

  it("expects the cursor between brackets and quotes that the editor closes", async () => {
    await started();
    await server.edit(uri, "let a = 1;\nlet b = g█");
    for (const marked of [
      "let a = 1;\nlet b = g(█)",
      "let a = 1;\nlet b = g([█])",
      'let a = 1;\nlet b = g(["█"])',
    ]) {
      const before = await settled();
      await server.edit(uri, marked);
      await server.runsBeyond(before);
      const runs = await settled();
      await server.complete(uri, marked);
      assert.equal((await server.figures()).runs, runs, marked);
    }
  });

  it("does so only for an editor that asks where the user types", async () => {
    server = await ServerProcess.start({ texts: ["let a = 1;\nlet b = 2;\n"] });
    await server.open(uri, "let a = 1;\n█");
    await server.ready();
    const before = await settled();
    for (const text of ["l█", "le█", "let█"])
      await server.edit(uri, `let a = 1;\n${text}`);
    assert.equal(await settled(), before);
    // It asks elsewhere.
    await server.complete(uri, "let a = 1;█\nlet");
    const asked = await settled();
    await server.edit(uri, "let a = 1;\nlet █");
    assert.equal(await settled(), asked);
  });

  it("ends with requests that do not come", async () => {
    await started();
    const words = ["x", "x = ", "x = y", "x = y;", "x = y; z", "x = y; z()"];
    const runs: number[] = [await settled()];
    for (const word of words) {
      await server.edit(uri, `let a = 1;\nlet ${word}█`);
      runs.push(await settled());
    }
    const more = runs.slice(1).map((each, i) => each > runs[i]!);
    assert.deepEqual(more, [true, true, true, false, false, false]);
  });

  it("computes nothing for a document that must not be read, or after a deletion", async () => {
    await started();
    const before = await settled();
    await server.edit(uri, "let a = 1;\nle█");
    assert.equal(await settled(), before);

    const secret = "file:///work/.env";
    await server.open(secret, "KEY=█");
    await server.edit(secret, "KEY=a█");
    await server.complete(secret, "KEY=a█");
    await server.edit(secret, "KEY=ab█");
    assert.equal(await settled(), before);
  });
});
