import assert from "node:assert/strict";
import fc from "fast-check";
import { promptFor } from "../../src/remote/prompt";
import { atCursor } from "../support/cursor";

const kind = { contextTokens: undefined, readsSuffix: true };

function promptAt(marked: string, selectedText = "", given = kind) {
  const { text, offset } = atCursor(marked);
  return promptFor(
    { text, start: offset, end: offset, selectedText },
    given,
    64,
  );
}

describe("the prompt for a server", () => {
  it("ends before a word that is typed in part, and the space before it", () => {
    for (const [marked, prefix, healed] of [
      ["return val█;", "return", " val"],
      ["  retu█", "  ", "retu"],
      ["x = █", "x =", " "],
      ["x =  █", "x =  ", ""],
      ["f(█)", "f(", ""],
      ["a\n█", "a\n", ""],
      ["a\n    █", "a\n    ", ""],
      ["名前 = 値█", "名前 =", " 値"],
    ] as const) {
      const prompt = promptAt(marked);
      assert.deepEqual(
        [prompt.prefix, prompt.healed],
        [prefix, healed],
        marked,
      );
    }
    assert.equal(promptAt("console.█;", "lo").healed, "lo");
  });

  it("leaves the text behind out where the server cannot use it", () => {
    assert.equal(promptAt("f(█)\nx").suffix, ")\nx");
    const none = { ...kind, readsSuffix: false };
    assert.equal(promptAt("f(█)\nx", "", none).suffix, "");
  });

  const texts = fc
    .array(
      fc.constantFrom("word ", "名", "😀", "\n", "\r\n", "x".repeat(700)),
      {
        maxLength: 120,
      },
    )
    .map((parts) => parts.join(""));

  it("is a part of the text around the place, bounded, with no character torn", () =>
    fc.assert(
      fc.property(
        texts,
        texts,
        fc.option(fc.integer({ min: 1, max: 4000 }), { nil: undefined }),
        (before, after, contextTokens) => {
          const at = before.length;
          const text = before + after;
          const place = { text, start: at, end: at, selectedText: "" };
          const { prefix, healed, suffix } = promptFor(
            place,
            { contextTokens, readsSuffix: true },
            64,
          );
          const plain = (value: string) => value.replace(/\r\n?/g, "\n");
          assert.ok(plain(before).endsWith(prefix + healed));
          assert.ok(plain(after).startsWith(suffix));
          assert.ok(prefix.length + healed.length <= 6144);
          assert.ok(suffix.length <= 1024);
          const room = Math.max(256, ((contextTokens ?? 1e9) - 64) * 2);
          assert.ok(prefix.length + healed.length + suffix.length <= room + 1);
          for (const each of [prefix + healed, suffix])
            assert.equal(Buffer.from(each).toString(), each);
        },
      ),
    ));

  it("begins at the same place while one types", () => {
    const before = "let a = 1;\n".repeat(2000);
    const starts = new Set<number>();
    for (let typed = 0; typed < 1000; typed++) {
      const text = before + "x".repeat(typed);
      const end = text.length;
      const { prefix, healed } = promptFor(
        { text, start: end, end, selectedText: "" },
        kind,
        64,
      );
      starts.add(text.length - prefix.length - healed.length);
    }
    assert.ok(starts.size <= 2, `${starts.size} places`);
  });
});
