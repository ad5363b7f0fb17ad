import assert from "node:assert/strict";
import fc from "fast-check";
import { TextDocument } from "vscode-languageserver-textdocument";
import { advance, sameButForLineBreaks } from "../../src/client/textPosition";

describe("text position", () => {
  it("advances as a document counts", () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "é", "😀", "\n", "\r\n", " "),
    });
    fc.assert(
      fc.property(text, text, (before, inserted) => {
        const start = documentOf(before).positionAt(before.length);
        const end = documentOf(before + inserted).positionAt(
          before.length + inserted.length,
        );
        assert.deepEqual(advance(start, inserted), end);
      }),
    );
  });

  it("takes line breaks for equal, and nothing else", () => {
    assert.ok(sameButForLineBreaks("a\nb\n", "a\r\nb\r\n"));
    assert.ok(!sameButForLineBreaks("a\nb", "a\n b"));
    assert.ok(!sameButForLineBreaks("a\n", "a"));
  });
});

function documentOf(text: string): TextDocument {
  return TextDocument.create("untitled:a", "plaintext", 0, text);
}
