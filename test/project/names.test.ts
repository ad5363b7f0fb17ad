import assert from "node:assert/strict";
import fc from "fast-check";
import {
  longestName,
  NameKind,
  NameScanner,
  scanNames,
} from "../../src/project/names";

const { member, plain, called, type, declared, imported } = NameKind;

function kindsOf(text: string): Record<string, number> {
  return Object.fromEntries(
    [...scanNames(text)].map(([name, { kinds }]) => [name, kinds]),
  );
}

describe("names of a text", () => {
  it("are counted", () => {
    assert.deepEqual(
      [...scanNames("alpha beta alpha\nélan alpha9 9alpha ab")].map(
        ([name, { count }]) => [name, count],
      ),
      [
        ["alpha", 2],
        ["beta", 1],
        ["élan", 1],
        ["alpha9", 1],
      ],
    );
  });

  it("are told apart by how they stand there", () => {
    assert.deepEqual(kindsOf("this.field = other->next + Name::make(x1y)"), {
      this: plain,
      field: member,
      other: plain,
      next: member,
      Name: plain,
      make: member | called,
      x1y: plain,
    });
    assert.deepEqual(kindsOf("class Point {}\nfunction move(by) {}"), {
      class: plain,
      Point: plain | declared | type,
      function: plain,
      move: plain | declared | called,
    });
    assert.equal(
      kindsOf("import { readFile } from 'fs'")["readFile"],
      plain | imported,
    );
    assert.equal(kindsOf("a = import\nreadFile")["readFile"], plain);
    assert.equal(kindsOf("[...rest]")["rest"], plain);
    assert.equal(kindsOf("function (other) {}")["other"], plain);
  });

  it("are no halves of what was no UTF-8, and no endless ones", () => {
    assert.deepEqual(kindsOf("caf\uFFFD \uFFFDone two"), { two: plain });
    assert.deepEqual(
      kindsOf(`${"x".repeat(10_000)} ${"y".repeat(longestName)}`),
      {
        ["y".repeat(longestName)]: plain,
      },
    );
  });

  it("do not depend on the parts in which the lines of a text are given", () => {
    const word = fc.constantFrom(
      "import ",
      "class ",
      "alpha",
      "béta",
      ".",
      "->",
      "(",
      " ",
      "12",
      "\uFFFD",
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(word).map((words) => `${words.join("")}\n`)),
        (lines) => {
          const scanner = new NameScanner();
          for (const line of lines) scanner.add(line);
          assert.deepEqual(scanner.names, scanNames(lines.join("")));
        },
      ),
    );
  });
});
