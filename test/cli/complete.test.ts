import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../support/run";
import { makeTinyModel, type TinyModel } from "../support/tinyModel";

interface Answer {
  text: string;
}

const entry = join(__dirname, "../../src/cli/complete.ts");

describe("rwkv-complete", () => {
  let folder: string;
  let tiny: TinyModel;
  const complete = (...args: string[]) => run(entry, args);
  const file = (name: string, content: string | Buffer) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "rwkv-complete-"));
    tiny = await makeTinyModel();
  });
  after(() => {
    rmSync(folder, { recursive: true });
    tiny.remove();
  });

  it("prints one line of JSON for a place in a file", async () => {
    const path = file("loop.ts", "for (let i = 0; i < items.length; i");
    const { code, stdout, stderr } = await complete(`${path}:1:36`, "--json");
    // A busy machine may be told that it is slow.
    assert.doesNotMatch(stderr, /error|\n.*\n/i);
    assert.equal(code, 0);
    assert.match(stdout, /^[^\n]+\n$/);
    const result = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(Object.keys(result), [
      "text",
      "tokens",
      "prefillMs",
      "decodeMs",
      "reason",
    ]);
    assert.match(String(result.text), /^\+\+/);
    assert.ok((result.tokens as number) > 0);
  });

  it("ends well without a suggestion, with the reason", async () => {
    const binary = file("data.bin", Buffer.of(1, 0, 2, 0));
    const { code, stdout } = await complete(`${binary}:1:5`, "--json");
    assert.equal(code, 0);
    const { text, tokens, reason } = JSON.parse(stdout) as Record<
      string,
      unknown
    >;
    assert.deepEqual(
      { text, tokens, reason },
      { text: "", tokens: 0, reason: "binary" },
    );
    const secret = file(".env", "TOKEN=");
    assert.match(
      (await complete(`${secret}:1:7`, "--json")).stdout,
      /"reason":"excluded"/,
    );
  });

  const refusals: [string, () => string[], RegExp][] = [
    ["no place", () => [], /^Usage/],
    [
      "a missing file",
      () => [join(folder, "none.ts:1:1")],
      /there is no such file.*check the path/,
    ],
    [
      "a place outside",
      () => [`${file("a.ts", "x")}:9:1`],
      /no line 9; choose one from 1 to 1/,
    ],
    [
      "a missing model",
      () => [`${file("a.ts", "x")}:1:2`, "--model", join(folder, "none")],
      /manifest\.json is missing.*install the model again/,
    ],
    [
      "a broken model",
      () => {
        file("manifest.json", '{"format":2}');
        return [`${file("a.ts", "x")}:1:2`, "--model", folder];
      },
      /manifest\.json names the architecture undefined.*again/,
    ],
  ];
  for (const [what, args, message] of refusals) {
    it(`refuses ${what} with exit code 2 and one sentence`, async () => {
      const { code, stdout, stderr } = await complete(...args());
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.match(stderr, message);
      if (what !== "no place")
        assert.equal(stderr.trim().split("\n").length, 1);
    });
  }

  it("takes another model and thread count", async () => {
    const path = file("b.ts", "let in");
    const args = [
      `${path}:1:7`,
      "--json",
      "--model",
      tiny.folder,
      "--threads",
      "1",
    ];
    const { code, stdout } = await complete(...args);
    assert.equal(code, 0);
    const bundled = await complete(...args.slice(0, 2));
    const textOf = (json: string) => (JSON.parse(json) as Answer).text;
    // The tiny model was never trained, so it writes something else, or nothing.
    assert.notEqual(textOf(stdout), textOf(bundled.stdout));
    assert.notEqual(textOf(bundled.stdout), "");
    const none = await complete(...args.slice(0, -1), "none");
    assert.equal(none.code, 2);
    assert.match(none.stderr, /threads/);
  });
});
