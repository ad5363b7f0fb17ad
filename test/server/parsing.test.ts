import assert from "node:assert/strict";
import { Parsing } from "../../src/server/parsing";

const parsing = new Parsing(assert.fail);

/** How much of what follows fits at an offset, by the tree; undefined without one. */
function fitting(
  document: ReturnType<Parsing["open"]>,
  at: number,
  text: string,
): number | undefined {
  const edit = { start: at, end: at, text };
  return document.current()?.fitting(edit, [1, 2], Infinity);
}

describe("DocumentSyntax", () => {
  it("is known while there is a tree", async () => {
    const document = parsing.open("typescript", "foo(");
    assert.equal(document.current(), undefined);
    await document.parse();
    assert.equal(fitting(document, 4, "a))"), 2);
    document.drop();
    assert.equal(document.current(), undefined);
    document.close();
    const unknown = parsing.open("lua", "foo(");
    await unknown.parse();
    assert.equal(unknown.current(), undefined);
  });

  it("is waited for, once, where there will be one", async () => {
    const document = parsing.open("typescript", "// 1) foo(");
    await document.ready();
    assert.equal(fitting(document, 10, "a))"), 3);
    document.close();
    await document.ready();
    const unknown = parsing.open("lua", "foo(");
    await unknown.ready();
    assert.equal(unknown.current(), undefined);
  });

  it("follows edits", async () => {
    const document = parsing.open("typescript", "foo(");
    await document.parse();
    document.edit({ start: 0, end: 0, text: "// " }, "// foo(");
    await document.parse();
    assert.equal(fitting(document, 7, "a))"), 3, "all of it is a comment");
    document.close();
    assert.equal(document.current(), undefined);
  });

  it("has no trees of texts that are too long, and of few long ones at once", async () => {
    const statement = "f();\n";
    const long = parsing.open("typescript", statement.repeat(200_000));
    await long.parse();
    assert.equal(long.current(), undefined);
    const open = [];
    for (let index = 0; index < 3; index++) {
      const document = parsing.open("css", "/* note */\n".repeat(60_000));
      await document.parse();
      open.push(document);
    }
    const [first, , last] = open;
    assert.ok(last!.current());
    assert.equal(first!.current(), undefined);
    for (const document of open) document.close();
  });
});
