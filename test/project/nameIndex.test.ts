import assert from "node:assert/strict";
import fc from "fast-check";
import { NameIndex } from "../../src/project/nameIndex";
import { NameKind, type NameUse } from "../../src/project/names";
import { Postings } from "../../src/project/postings";

const { member, plain } = NameKind;

function uses(
  record: Record<string, number>,
  kinds: number = plain,
): Map<string, NameUse> {
  return new Map(
    Object.entries(record).map(([name, count]) => [name, { count, kinds }]),
  );
}

describe("name index", () => {
  it("finds names by their beginnings, those in the most files first", () => {
    const index = new NameIndex();
    index.update(1, uses({ readFile: 1, readLine: 9, write: 1 }));
    index.update(2, uses({ readFile: 1, reader: 1 }));
    const found = (prefix: string, most = 9) =>
      index.withPrefix(prefix, most).map((id) => index.text(id));
    assert.deepEqual(found("read"), ["readFile", "readLine", "reader"]);
    assert.deepEqual(found("read", 1), ["readFile"]);
    assert.deepEqual(found("readF"), ["readFile"]);
    assert.deepEqual(found("x"), []);
    assert.equal(found("").length, 4);
    index.remove(1);
    assert.deepEqual(found("read").sort(), ["readFile", "reader"]);
    assert.equal(index.size, 2);
    const { deadBytes, bytes } = index;
    assert.ok(deadBytes > 0.4 * bytes && deadBytes < 0.6 * bytes);
  });

  it("tells members from others", () => {
    const index = new NameIndex();
    index.update(1, uses({ left: 1 }, member));
    index.update(
      1,
      new Map([...uses({ left: 1 }, member), ...uses({ list: 1 })]),
    );
    index.update(2, uses({ left: 1, least: 1 }, member | plain));
    const found = (isMember: boolean) =>
      index
        .withPrefix("l", 9, isMember)
        .map((id) => index.text(id))
        .sort();
    assert.deepEqual(found(true), ["least", "left"]);
    assert.deepEqual(found(false), ["least", "left", "list"]);
  });

  it("says which names are new to a file", () => {
    const index = new NameIndex();
    index.update(1, uses({ one: 1, two: 1 }));
    const fresh = index.update(1, uses({ two: 3, three: 1 }));
    assert.deepEqual(
      fresh.map((id) => index.text(id)),
      ["three"],
    );
  });

  it("counts as a list of all names would, whatever comes and goes", () => {
    const name = fc.stringMatching(/^[abé]{1,3}$/);
    const file = fc.dictionary(name, fc.integer({ min: 1, max: 300 }), {
      maxKeys: 6,
    });
    const step = fc.tuple(fc.integer({ min: 0, max: 4 }), fc.option(file));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), name, (steps, prefix) => {
        const index = new NameIndex();
        const model = new Map<number, Record<string, number>>();
        for (const [id, names] of steps)
          if (names === null) {
            index.remove(id);
            model.delete(id);
          } else {
            index.update(id, uses(names));
            model.set(id, names);
          }
        const expected = new Map<string, { files: number; count: number }>();
        for (const names of model.values())
          for (const [key, count] of Object.entries(names)) {
            const entry = expected.get(key) ?? { files: 0, count: 0 };
            entry.files++;
            entry.count += Math.min(255, count);
            expected.set(key, entry);
          }
        if (steps.length % 2 === 0) for (const _ of index.compact());
        assert.equal(steps.length % 2 === 0 ? index.deadBytes : 0, 0);
        const found = index.withPrefix(prefix, 1000).map((id) => {
          const { files, count } = index.statistics(id);
          return [index.text(id), { files, count }] as const;
        });
        assert.deepEqual(
          new Map(found),
          new Map([...expected].filter(([key]) => key.startsWith(prefix))),
        );
        assert.equal(index.size, expected.size);
        assert.deepEqual(
          [...index.sortedNames()].map((id) => index.text(id)),
          [...expected.keys()].sort((a, b) =>
            Buffer.compare(Buffer.from(a), Buffer.from(b)),
          ),
        );
      }),
    );
  });

  it("finds the best of many names with one beginning, those that came last, too", () => {
    const index = new NameIndex();
    const names: Record<string, number> = {};
    for (let i = 0; i < 20_000; i++) names[`name${i}`] = 1;
    index.update(0, uses(names));
    for (let file = 1; file <= 5; file++)
      index.update(file, uses({ name777: 1, name42: 1 }));
    index.update(6, uses({ name777: 1 }));
    assert.deepEqual(
      index.withPrefix("name", 2).map((id) => index.text(id)),
      ["name777", "name42"],
    );
    // What is looked for ahead is the same.
    index.update(7, uses({ name5: 1, name6: 1 }));
    index.update(8, uses({ name5: 1 }));
    for (const _ of index.refresh());
    assert.deepEqual(
      index.withPrefix("na", 4).map((id) => index.text(id)),
      ["name777", "name42", "name5", "name6"],
    );
    index.remove(7);
    index.remove(8);
    // What was remembered of the range does not hide what has gone.
    for (let file = 0; file <= 6; file++) index.remove(file);
    assert.deepEqual(index.withPrefix("name", 2), []);
  });

  it("takes few bytes a name", () => {
    const index = new NameIndex();
    const names: Record<string, number> = {};
    for (let i = 0; i < 30_000; i++) names[`someName${i}`] = 1;
    index.update(0, uses(names));
    assert.ok(index.bytes < 64 * 30_000, String(index.bytes));
  });
});

describe("postings", () => {
  it("are what was packed", () => {
    const entry = fc.record(
      {
        id: fc.integer({ min: 0, max: 2 ** 30 }),
        count: fc.integer({ min: 1, max: 255 }),
        kinds: fc.integer({ min: 0, max: 255 }),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, { selector: ({ id }) => id }),
        (entries) => {
          entries.sort((a, b) => a.id - b.id);
          const { packed } = Postings.of(entries);
          const seen: typeof entries = [];
          Postings.from(packed, 2 ** 30 + 1)!.forEach((id, count, kinds) =>
            seen.push({ id, count, kinds }),
          );
          assert.deepEqual(seen, entries);
        },
      ),
    );
  });

  it("are refused where they name what is not there, or end early", () => {
    const { packed } = Postings.of([
      { id: 5, count: 1, kinds: 1 },
      { id: 900, count: 1, kinds: 1 },
    ]);
    assert.notEqual(Postings.from(packed, 901), undefined);
    assert.equal(Postings.from(packed, 900), undefined);
    for (let length = 1; length < packed.length; length++)
      if (length !== 3)
        assert.equal(Postings.from(packed.slice(0, length), 901), undefined);
    assert.equal(
      Postings.from(Uint8Array.from([255, 255, 255, 255, 255, 255]), 901),
      undefined,
    );
  });
});
