import assert from "node:assert/strict";
import {
  isMemberPlace,
  nameCandidates,
  namesElsewhere,
  typedName,
} from "../../../src/completion/names/candidates";
import { nowhere } from "../../support/nameCandidates";

describe("name candidates", () => {
  const candidates = (
    before: string,
    after = "",
    others: readonly ReadonlySet<string>[] = [],
    editorMembers: readonly string[] = [],
  ) => {
    const typed = typedName(before);
    return nameCandidates(
      { typed, before, after },
      namesElsewhere(typed, others, []),
      new Set(editorMembers),
    );
  };
  const names = (...args: Parameters<typeof candidates>) =>
    candidates(...args).map(({ name }) => name);
  const named = (wanted: string, ...args: Parameters<typeof candidates>) =>
    candidates(...args).find(({ name }) => name === wanted)!;

  it("are the longer names of the file on both sides, behind what is typed itself", () => {
    assert.deepEqual(names("load(); loadAll(); x.lo", " = loadOne();"), [
      "lo",
      "load",
      "loadAll",
      "loadOne",
    ]);
    assert.deepEqual(names("reload(); xload(); lo"), ["lo"]);
    assert.deepEqual(names("xload(); lo"), ["lo"]);
  });

  it("count what stands before and after, how near, and how much alike", () => {
    assert.deepEqual(named("total", "total; a.total; to", "\ntotal"), {
      name: "total",
      before: 2,
      after: 1,
      distance: 7,
      fitting: 2,
      match: 0,
      isUnused: false,
      elsewhere: nowhere,
      isEditorMember: false,
    });
    assert.equal(named("total", "if (my.total) my.to").match, 3);
    assert.equal(named("total", "if (my.total) my.to").fitting, 1);
    assert.equal(named("total", "if (my.total) to").fitting, 0);
  });

  it("are new as long as they are declared or imported and not used", () => {
    const isNew = (before: string, after = "") =>
      named("total", before, after).isUnused;
    assert.equal(isNew("const total = 1;\nto"), true);
    assert.equal(isNew("import { total } from 'x';\nto"), true);
    assert.equal(isNew("from x import total\nto"), true);
    assert.equal(isNew("const total = 1;\nf(total);\nto"), false);
    assert.equal(isNew("const total = 1;\nto", "\nf(total)"), false);
    assert.equal(isNew("f(total);\nto"), false);
    assert.equal(isNew("return total;\nto"), false);
    assert.equal(isNew("import x;\ntotal();\nto"), false);
    const [, elsewhere] = candidates("to", "", [new Set(["total"])]);
    assert.equal(elsewhere!.isUnused, false);
  });

  it("are looked for in 128 KiB on either side", () => {
    const far = 128 * 1024;
    const blank = (length: number) => " ".repeat(length);
    assert.deepEqual(names(`load${blank(far - 6)}lo`), ["lo", "load"]);
    assert.deepEqual(names(`load${blank(far - 5)}lo`), ["lo"]);
    assert.deepEqual(names("lo", `${blank(far - 4)}load`), ["lo", "load"]);
    // What is cut off there is not known to be whole.
    assert.deepEqual(names("lo", `${blank(far)}load`), ["lo"]);
  });

  it("compare 32 characters to the left of them", () => {
    const left = "if (first.second.third && first.second.third.";
    assert.equal(named("total", `${left}total ${left}to`).match, 32);
    assert.equal(named("total", "a.total b.a.to").match, 2);
    assert.equal(named("total", "total to").match, 0);
  });

  it("have less than 128 characters", () => {
    const name = (length: number) => "lo".padEnd(length, "n");
    assert.equal(typedName(`x ${name(127)}`), name(127));
    assert.equal(typedName(`x ${name(128)}`), "");
    assert.deepEqual(names(`${name(127)}; ${name(128)}; lo`), [
      "lo",
      name(127),
    ]);
    assert.deepEqual(names(`x.${name(127)}; y.${name(128)}; x.`), [name(127)]);
  });

  it("leave out the rest of the word that is being typed", () => {
    assert.deepEqual(names("wid", "th = 1; widget"), ["wid", "widget"]);
  });

  it("are common words of the language as well", () => {
    const among = (typed: string, before: string, common: string[]) =>
      nameCandidates(
        { typed, before, after: "" },
        namesElsewhere(typed, [], [], common),
      );
    const found = among("ret", "retry(); ret", ["return", "retry"]);
    assert.deepEqual(
      found.map(({ name }) => name),
      ["ret", "retry", "return"],
    );
    assert.equal(found[2]!.elsewhere.files, 3);
    const [one] = among("for", "for", ["for"]);
    assert.equal(one!.elsewhere.files, 3, "what is typed may be one");
    const project = [{ ...nowhere, name: "return", files: 5 }];
    const known = namesElsewhere("ret", [], project, ["return"]);
    assert.equal(known.get("return")!.files, 5);
  });

  it("come from other files, too", () => {
    const others = [
      new Set(["loadInvoices", "other"]),
      new Set(["loadInvoices"]),
    ];
    assert.deepEqual(
      candidates("loadI", "", others).map(({ name, elsewhere }) => [
        name,
        elsewhere.files,
      ]),
      [
        ["loadI", 0],
        ["loadInvoices", 2],
      ],
    );
  });

  it("with nothing typed are none of other files, which do not say what is a member", () => {
    const project = [{ ...nowhere, name: "size", files: 2 }];
    const found = namesElsewhere("", [new Set(["length"])], project, ["for"]);
    assert.deepEqual([...found.keys()], ["size"]);
  });

  it("are no elements of a spread, whatever dots stand there", () => {
    assert.deepEqual(names("f(...list, x.size); y."), ["size"]);
  });

  it("with nothing typed are members alone, nothing typed not among them", () => {
    assert.deepEqual(names("map.size; size; list.push(); x.", " y.pop"), [
      "size",
      "push",
      "pop",
    ]);
  });

  it("are those of the editor, which says that they are members", () => {
    const found = candidates("list.fl", "", [], ["flat", "map"]);
    assert.deepEqual(
      found.map(({ name, isEditorMember }) => [name, isEditorMember]),
      [
        ["fl", false],
        ["flat", true],
      ],
    );
  });

  it("are told in any script, and not behind digits", () => {
    assert.equal(typedName("x = Größ"), "Größ");
    assert.equal(typedName("4cat"), "");
    assert.equal(typedName("x. "), "");
  });

  it("are members behind a dot, an arrow or colons, but not in a number or a spread", () => {
    const isMember = (before: string) =>
      isMemberPlace({ typed: typedName(before), before });
    for (const before of ["a.", "a.b", "a->b", "a::", "v1.", "1.e"])
      assert.equal(isMember(before), true, before);
    for (const before of ["a", "", "1.", "x = 12.", "[...a", "a. b"])
      assert.equal(isMember(before), false, before);
  });
});
