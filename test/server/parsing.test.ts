import assert from "node:assert/strict";
import { Parsing } from "../../src/server/parsing";
import { TextSyntax } from "../../src/syntax/textSyntax";
import { TreeSyntax } from "../../src/syntax/treeSyntax";

const parsing = new Parsing(assert.fail);

describe("DocumentSyntax", () => {
  it("has rules for any language until a tree is there, and while there is none", async () => {
    const document = parsing.open("typescript", "foo(");
    assert.ok(document.current() instanceof TextSyntax);
    await document.parse();
    assert.ok(document.current() instanceof TreeSyntax);
    document.drop();
    assert.ok(document.current() instanceof TextSyntax);
    document.close();
    const unknown = parsing.open("lua", "foo(");
    await unknown.parse();
    assert.deepEqual(unknown.current().openBrackets(4), [")"]);
  });

  it("follows edits", async () => {
    const document = parsing.open("typescript", "foo(");
    await document.parse();
    document.edit({ start: 0, end: 0, text: "// " }, "// foo(");
    await document.parse();
    assert.deepEqual(document.current().openBrackets(7), []);
    assert.equal(document.current().placeAt(7).kind, "comment");
    document.close();
    assert.ok(document.current() instanceof TextSyntax);
  });

  it("has no trees of texts that are too long, and of few long ones at once", async () => {
    const statement = "f();\n";
    const long = parsing.open("typescript", statement.repeat(200_000));
    await long.parse();
    assert.ok(long.current() instanceof TextSyntax);
    const open = [];
    for (let index = 0; index < 3; index++) {
      const document = parsing.open("css", "/* note */\n".repeat(60_000));
      await document.parse();
      open.push(document);
    }
    const [first, , last] = open;
    assert.ok(last!.current() instanceof TreeSyntax);
    assert.ok(first!.current() instanceof TextSyntax);
    for (const document of open) document.close();
  });
});
