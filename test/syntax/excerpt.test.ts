import assert from "node:assert/strict";
import fc from "fast-check";
import { excerptAround } from "../../src/syntax/excerpt";
import { atCursor } from "../support/cursor";
import { parsedDocument, treeOf } from "../support/parsed";

/** A text's excerpt, the cursor marked in it. */
function excerptOf(marked: string): string | undefined {
  const { text, offset } = atCursor(marked);
  const excerpt = excerptAround(text, offset, offset);
  if (excerpt === undefined) return undefined;
  const { text: short, start } = excerpt;
  return `${short.slice(0, start)}█${short.slice(start)}`;
}

const lines = (indentation: number, count = 30) =>
  `${" ".repeat(indentation)}f();\n`.repeat(count);

describe("excerptAround", () => {
  it("keeps a short text whole", () => {
    assert.equal(excerptOf("a();\nb█();\n"), "a();\nb█();\n");
    assert.equal(excerptOf("\n█"), "\n█");
    assert.equal(excerptOf("█"), "█");
  });

  const near = `${lines(4, 12)}    g(█);\n${lines(4, 12)}`;
  const cases: [what: string, marked: string, expected: string][] = [
    [
      "keeps the heads and ends of blocks",
      `${lines(0)}class A {\n${lines(2)}  m() {\n${lines(4)}    g(█);\n${lines(4)}  }\n${lines(2)}}\n${lines(0)}`,
      `class A {\n  m() {\n${near}  }\n}\n`,
    ],
    [
      "keeps heads of several lines, and those that go on",
      `class A\n    extends B\n{\n${lines(2)}  if (a) {\n${lines(4)}  } else {\n${lines(4)}    g(█);\n${lines(4)}  }\n${lines(2)}}\n`,
      `class A\n    extends B\n{\n  if (a) {\n${lines(4)}  } else {\n${near}  }\n}\n`,
    ],
    [
      "starts and ends with whole statements",
      `if (a) {\n${lines(2)}  f(\n${lines(4, 20)}  );\n  g(█);\n${lines(2, 11)}  f(\n${lines(4, 20)}  );\n${lines(2)}}\n`,
      `if (a) {\n  f(\n${lines(4, 20)}  );\n  g(█);\n${lines(2, 11)}  f(\n${lines(4, 20)}  );\n}\n`,
    ],
    [
      "goes by no indentation of comments, directives and strings",
      `def f():\n    a()\n    """\n${"    text\n".repeat(15)}    """\n    b(█)\n# c\n#if\n`,
      `def f():\n    """\n${"    text\n".repeat(15)}    """\n    b(█)\n# c\n#if\n`,
    ],
    [
      "starts in no string in backticks",
      `const a = \`\n${lines(0)}\`;\nconst b = \`\ng(█);\n`,
      `const a = \`\n${lines(0)}\`;\nconst b = \`\ng(█);\n`,
    ],
    [
      "leaves out the end of a namespace that is not indented",
      `namespace a {\n${lines(0)}g(█);\n}\n`,
      `${lines(0, 12)}g(█);\n`,
    ],
    [
      "ends a namespace that is not indented",
      `namespace a {\n\n${lines(0, 9)}g(█);\n${lines(0)}}\n`,
      `namespace a {\n\n${lines(0, 9)}g(█);\n${lines(0, 12)}}\n`,
    ],
    [
      "tells PHP that code comes",
      `<?php\n${lines(0)}g(█);\n`,
      `<?php\n${lines(0, 12)}g(█);\n`,
    ],
  ];
  for (const [what, marked, expected] of cases)
    it(what, () => {
      assert.equal(excerptOf(marked), expected);
    });

  it("is undefined where it would be long", () => {
    assert.equal(excerptOf(`f(\n${lines(2, 2000)});\n█\n`), undefined);
    assert.equal(excerptOf(`"${"a".repeat(9000)}█"`), undefined);
  });

  it("is part of any text, around the place", () => {
    const piece = fc.constantFrom("a", "  ", "\n", "{", "}", "\r\n", "\t", "#");
    fc.assert(
      fc.property(
        fc.array(piece),
        fc.nat(100),
        fc.nat(9),
        (all, at, length) => {
          const text = all.join("");
          const start = Math.min(at, text.length);
          const end = Math.min(start + length, text.length);
          const excerpt = excerptAround(text, start, end)!;
          const { lineStart, lineEnd } = excerpt;
          assert.ok(lineStart <= excerpt.start && excerpt.start <= lineEnd);
          const kept = excerpt.text.slice(lineStart, lineEnd);
          const from = start - (excerpt.start - lineStart);
          assert.equal(text.slice(from, from + kept.length), kept);
          assert.ok(from + kept.length >= end);
        },
      ),
    );
  });
});

describe("a long text", () => {
  const before = `function a() {\n${lines(2, 200)}}\n`.repeat(5);
  const method = (body: string) =>
    `class A {\n  m() {\n${lines(4)}${body}\n${lines(4)}  }\n}\n`;

  it("is judged by the excerpt alone", async () => {
    const cases: [body: string, text: string, fits: string][] = [
      ["    g(█", "a b);", "a"],
      ["    g(█", "a);", "a);"],
      ["    █", "g(a);\n    }", "g(a);"],
      ["    if (█) {\n    }", "a) {", "a"],
    ];
    for (const [body, text, fits] of cases)
      // An error elsewhere makes no difference.
      for (const broken of ["", "class {{ = ;\n"]) {
        const marked = `${broken}${before}${method(body)}${before}${broken}`;
        const { text: whole, offset } = atCursor(marked);
        const syntax = await treeOf("typescript", whole);
        const cuts = [...text.matchAll(/\w(?!\w)|[^\w\s]/g)].map(
          ({ index }) => index + 1,
        );
        const edit = { start: offset, end: offset, text };
        const length = syntax.fitting(edit, cuts, Infinity);
        assert.equal(text.slice(0, length), fits);
      }
  });

  it("is judged alike whatever was typed before", async () => {
    const whole = `${before}${method("    g(a, { b: [1] });")}${before}`;
    const at = before.length;
    const document = await parsedDocument("typescript", whole);
    const piece = fc.constantFrom("(", ")", "}", "x.", '"', "a b", ";\n", "");
    let text = whole;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(700), fc.nat(20), piece), { maxLength: 4 }),
        fc.constantFrom("a);\n", "}", "x(", "a b", "}\n}\n", '"c"'),
        async (edits, offer) => {
          let place = at;
          for (const [from, length, inserted] of edits) {
            const start = at + from;
            const end = start + length;
            text = text.slice(0, start) + inserted + text.slice(end);
            document.edit({ start, end, text: inserted }, text);
            document.parse(Infinity);
            place = start + inserted.length;
          }
          const fresh = await parsedDocument("typescript", text);
          const edit = { start: place, end: place, text: offer };
          const cuts = [1, 2, 3, 4];
          assert.equal(
            document.syntax!.fitting(edit, cuts, Infinity),
            fresh.syntax!.fitting(edit, cuts, Infinity),
          );
          fresh.dispose();
          document.edit({ start: 0, end: text.length, text: whole }, whole);
          document.parse(Infinity);
          text = whole;
        },
      ),
      { numRuns: Number(process.env["RUNS"] ?? 60) },
    );
  });
});
