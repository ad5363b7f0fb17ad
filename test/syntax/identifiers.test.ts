import assert from "node:assert/strict";
import { IdentifierCount, type NameKind } from "../../src/syntax/identifiers";
import { treeOf } from "../support/parsed";

async function namesOf(languageId: string, text: string) {
  const count = new IdentifierCount(await treeOf(languageId, text));
  assert.ok(count.run(Infinity));
  return count.names;
}

const kinds: [languageId: string, text: string, Record<string, NameKind>][] = [
  [
    "typescript",
    "interface A { b: Foo }\nfunction f(x: number) { const z = x.len; g(z.a); x.call(1); }",
    {
      A: "declaration",
      b: "member",
      Foo: "type",
      f: "declaration",
      x: "parameter",
      z: "declaration",
      len: "member",
      g: "call",
      call: "call",
    },
  ],
  [
    "python",
    "class A:\n    def f(self, x):\n        g(x.len)\n        self.call(y)\n",
    {
      A: "declaration",
      f: "declaration",
      x: "parameter",
      g: "call",
      len: "member",
      call: "call",
    },
  ],
  [
    "java",
    "class A { Foo b; void f(int x) { g(x.len); x.call(1); } }",
    {
      A: "declaration",
      Foo: "type",
      f: "declaration",
      x: "parameter",
      g: "call",
      len: "member",
      call: "call",
    },
  ],
  [
    "rust",
    "struct A { b: Foo }\nfn f(x: A) { g(x.len); x.call(1); }",
    {
      Foo: "type",
      f: "declaration",
      x: "parameter",
      g: "call",
      len: "member",
      call: "call",
    },
  ],
];

describe("IdentifierCount", () => {
  for (const [languageId, text, expected] of kinds) {
    it(`knows what names are in ${languageId}`, async () => {
      const names = await namesOf(languageId, text);
      for (const [name, kind] of Object.entries(expected))
        assert.ok(names.get(name)?.kinds.has(kind), `${name}: ${kind}`);
    });
  }

  it("counts names, not words in comments and strings", async () => {
    const names = await namesOf(
      "typescript",
      "// word\nfoo(foo, 'word', `word ${bar}`);\n",
    );
    assert.deepEqual([...names.keys()], ["foo", "bar"]);
    assert.equal(names.get("foo")?.count, 2);
    assert.equal(names.get("bar")?.first, 33);
  });

  it("counts in slices", async () => {
    const count = new IdentifierCount(
      await treeOf("typescript", "foo(a);\n".repeat(1000)),
    );
    let slices = 1;
    while (!count.run(-1)) slices++;
    assert.ok(slices > 10);
    assert.equal(count.names.get("foo")?.count, 1000);
  });
});
