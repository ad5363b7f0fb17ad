import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatBytes, stateReport } from "../../src/client/stateReport";
import type { DocumentState } from "../../src/protocol";

const fill = (text: string, values: (string | number)[]) =>
  text.replace(/\{(\d)\}/g, (_, index: string) =>
    String(values[Number(index)]),
  );
const english = (text: string, ...values: (string | number)[]) =>
  fill(text, values);
const bundle = JSON.parse(
  readFileSync(
    join(__dirname, "..", "..", "l10n", "bundle.l10n.zh-cn.json"),
    "utf8",
  ),
) as Record<string, string>;
const chinese = (text: string, ...values: (string | number)[]) =>
  fill(bundle[text] ?? text, values);

const mega = 1024 * 1024;
const state: DocumentState = {
  reason: "",
  model: "rwkv-code-7m",
  tokens: 12345,
  checkpoints: 17,
  approximate: 1,
  bytes: 9.5 * mega,
  usedBytes: 40.25 * mega,
  budget: 256 * mega,
  stateBytes: 530 * 1024,
  savedBytes: 0,
  comparedWith: 6,
  last: { run: 2, from: "checkpoint", exact: true, distance: 1 },
};
const last = (
  from: NonNullable<DocumentState["last"]>["from"],
  run: number,
  distance: number,
): DocumentState => ({
  ...state,
  last: { run, from, exact: from !== "window", distance },
});

describe("the text of Show State", () => {
  it("has every figure, in units for people", () => {
    assert.deepEqual(stateReport(state, english, "en").split("\n"), [
      "Model: rwkv-code-7m",
      "Tokens: 12,345",
      "States: 17 exact, 1 approximate, 530 KiB each",
      "Memory of this file: 9.5 MiB",
      "Memory of all files: 40.3 MiB of 256 MiB",
      "Saved on disk: 0 B",
      "Other files whose similar places count: 6",
      "",
      "Tokens run for the last suggestion: 2",
      "Tokens from the nearest exact state: 1",
      "Hit: a state in memory served.",
    ]);
  });

  it("tells where the last suggestion started", () => {
    const told = (of: DocumentState) =>
      stateReport(of, english, "en").split("\n").slice(8);
    assert.deepEqual(told(last("saved state", 401, 400)), [
      "Tokens run for the last suggestion: 401",
      "Tokens from the nearest exact state: 400",
      "Hit: a state on disk served.",
    ]);
    assert.match(told(last("start", 31, 30)).at(-1) ?? "", /from its start/);
    const window = told(last("window", 512, 8000));
    assert.equal(window[1], "Tokens from the nearest exact state: 8,000");
    assert.match(window[2] ?? "", /^Miss: .* last 512 tokens .* Approximate/);
  });

  it("says so when nothing was suggested yet", () => {
    const { last: _, ...rest } = state;
    assert.deepEqual(stateReport(rest, english, "en").split("\n").slice(8), [
      "Nothing was suggested in this file yet.",
    ]);
  });

  it("is Chinese in every line", () => {
    for (const from of [
      "checkpoint",
      "saved state",
      "start",
      "window",
    ] as const) {
      const lines = stateReport(last(from, 2, 1), chinese, "zh-cn")
        .split("\n")
        .filter((line) => line !== "");
      assert.equal(lines.length, 10);
      for (const line of lines) assert.match(line, /\p{Script=Han}|token 数/u);
    }
  });

  it("writes bytes in the unit of the setting", () => {
    assert.equal(formatBytes(1023, "en"), "1,023 B");
    assert.equal(formatBytes(1024, "en"), "1 KiB");
    assert.equal(formatBytes(1.25 * mega, "de"), "1,3 MiB");
    assert.equal(formatBytes(4096 * mega, "en"), "4,096 MiB");
  });
});
