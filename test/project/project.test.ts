import assert from "node:assert/strict";
import { nameCandidates } from "../../src/project/candidates";
import { NameKind } from "../../src/project/names";
import { Project } from "../../src/project/project";
import { namesOf, put } from "./projectFolder";

function project(
  budget = 1_000_000,
  keyOf?: (path: string) => string,
): Project {
  return new Project({ budget, ...(keyOf && { keyOf }) });
}

/** Names that no two files share. */
function text(start: string, names: number): string {
  return Array.from({ length: names }, (_, i) => `${start}_${i}`).join("\n");
}

describe("project", () => {
  it("has what its files have, as long as they are there", () => {
    const one = project();
    put(one, "/w/a.ts", "alpha beta");
    put(one, "/w/b.ts", "beta gamma");
    put(one, "/w/a.ts", "delta beta");
    assert.deepEqual(namesOf(one), ["beta", "delta", "gamma"]);
    one.remove("/w/b.ts");
    one.remove("/w/unknown.ts");
    assert.deepEqual(namesOf(one), ["beta", "delta"]);
    assert.equal(one.figures.files, 1);
    one.clear();
    assert.deepEqual(namesOf(one), []);
    assert.equal(one.figures.files, 0);
  });

  it("takes a path in another case for the same file where the disk does", () => {
    const one = project(1_000_000, (path) => path.toLowerCase());
    put(one, "/w/A.ts", "alpha");
    put(one, "/W/a.ts", "beta");
    assert.deepEqual(namesOf(one), ["beta"]);
    assert.equal(one.figures.files, 1);
  });

  it("keeps to its budget: what lies farthest from the cursor goes first", () => {
    const budget = 120_000;
    const one = project(budget);
    one.focus("/w/near/x.ts");
    for (let i = 0; i < 40; i++) {
      const folder = i % 2 === 0 ? "near" : `far/${i}`;
      put(one, `/w/${folder}/${i}.ts`, text(`name${i}`, 60));
      if (one.needsCompacting) for (const _ of one.compact());
      assert.ok(one.bytes <= budget * 1.07, `${one.bytes} bytes`);
    }
    const { files, leftOut, sources } = one.figures;
    assert.equal(files + leftOut, 40);
    assert.ok(leftOut > 0 && sources < files);
    assert.notEqual(one.idOf("/w/near/0.ts"), undefined);
    assert.equal(one.idOf("/w/far/1/1.ts"), undefined);
    assert.equal(one.isLeftOut("/w/far/1/1.ts"), true);
    assert.equal(one.wantsTokens("/w/far/other.ts", 5000), false);
    assert.equal(one.wantsTokens("/w/near/other.ts", 5000), true);
  });

  it("gives copy indexes of what is near, once they are built", () => {
    const one = project();
    put(one, "/w/src/a.ts", "abc");
    put(one, "/w/src/b.ts", "abd");
    put(one, "/w/else/c.ts", "abe");
    assert.deepEqual(one.sourcesFor("/w/src/a.ts", 2), []);
    let steps = 0;
    while (one.buildNext("/w/src/a.ts", 2)) steps++;
    assert.equal(steps, 2);
    const [nearest, next] = one.sourcesFor("/w/src/a.ts", 2);
    const followers: number[] = [];
    nearest!.occurrences([98], (token) => followers.push(token));
    assert.deepEqual(followers, ["d".charCodeAt(0)]);
    assert.equal(next!.length, 3);
    assert.equal(one.sourcesFor("/w/src/a.ts", 1).length, 1);
    one.remove("/w/src/b.ts");
    assert.equal(one.sourcesFor("/w/src/a.ts", 2).length, 1);
  });

  it("has names that were declared or imported just now", () => {
    const one = project();
    put(one, "/w/a.ts", "class First {}");
    assert.deepEqual(one.freshNames, []);
    put(one, "/w/a.ts", "class First {}\nclass Second {}\nother");
    put(one, "/w/a.ts", "class First {}\nclass Second {}\nother\nimport Third");
    assert.deepEqual(one.freshNames, ["Second", "Third"]);
  });
});

describe("candidates for a name", () => {
  function find(
    one: Project,
    typed: string,
    member?: boolean,
    path = "/w/src/a.ts",
  ) {
    return nameCandidates(
      one,
      { path, typed, ...(member !== undefined && { member }) },
      20,
    );
  }

  it("come with what speaks for them", () => {
    const one = project();
    put(one, "/w/src/a.ts", "readAll readAll", {
      imports: ["./b", "fs"],
      libraries: ["library:/fs.d.ts"],
    });
    put(one, "/w/src/b.ts", "function readOne() {} x.readAll");
    put(one, "/w/other/deep/c.ts", "readTwo readTwo readOne");
    put(one, "library:/fs.d.ts", "readFile", { isLibrary: true });
    put(one, "library:/net.d.ts", "readNet", { isLibrary: true });
    const found = find(one, "read");
    assert.deepEqual(found.map(({ name }) => name).slice(0, 2), [
      "readAll",
      "readOne",
    ]);
    const byName = new Map(
      found.map((candidate) => [candidate.name, candidate]),
    );
    const { plain, member, declared, called } = NameKind;
    assert.deepEqual(byName.get("readAll"), {
      name: "readAll",
      files: 1,
      kinds: plain | member,
      distance: -5,
      imported: false,
      named: false,
      source: "/w/src/b.ts",
    });
    assert.deepEqual(byName.get("readOne"), {
      name: "readOne",
      files: 2,
      kinds: plain | declared | called,
      distance: -5,
      imported: false,
      named: false,
      source: "/w/src/b.ts",
    });
    assert.equal(byName.get("readFile")!.imported, true);
    assert.equal(byName.get("readFile")!.source, "library:/fs.d.ts");
    assert.equal(byName.get("readNet")!.imported, false);
    assert.equal(byName.get("readTwo")!.files, 1);
  });

  it("of the library from which a name is taken are told apart, and come first", () => {
    const one = project();
    for (const name of ["num", "other"])
      put(one, `library:/${name}/__init__.py`, `linear_${name} linear_sub`, {
        isLibrary: true,
      });
    put(one, "/w/src/a.py", "x");
    one.setLibraries(
      "/w/src/a.py",
      new Map([
        ["library:/other/__init__.py", ["other"]],
        ["library:/num/__init__.py", ["num.sub", "num.more"]],
      ]),
    );
    const named = (from: string | undefined) =>
      nameCandidates(
        one,
        { path: "/w/src/a.py", typed: "lin", member: true, from },
        9,
      )
        .filter((candidate) => candidate.named)
        .map(({ name }) => name);
    assert.deepEqual(named("num").sort(), ["linear_num", "linear_sub"]);
    assert.deepEqual(named("other").sort(), ["linear_other", "linear_sub"]);
    assert.deepEqual(named("nu"), []);
    assert.deepEqual(named(undefined), []);
    const [first] = nameCandidates(
      one,
      { path: "/w/src/a.py", typed: "linear_n", from: "num" },
      9,
    );
    assert.equal(first!.name, "linear_num");
    // What is typed may be the whole name.
    assert.deepEqual(
      nameCandidates(
        one,
        { path: "/w/src/a.py", typed: "linear_num", from: "num" },
        9,
      ).map(({ name }) => name),
      ["linear_num"],
    );
  });

  it("fit what stands before the place, if that is known", () => {
    const one = project();
    put(one, "/w/src/a.ts", "x.left left_over");
    assert.equal(find(one, "left", true)[0]!.name, "left_over");
    assert.deepEqual(
      find(one, "lef", true).map(({ name }) => name),
      ["left", "left_over"],
    );
    assert.deepEqual(
      find(one, "lef", false).map(({ name }) => name),
      ["left_over", "left"],
    );
  });

  it("are there before anything is typed, new names first", () => {
    const one = project();
    put(one, "/w/src/a.ts", "alpha");
    put(one, "/w/src/b.ts", "beta beta");
    put(one, "/w/src/b.ts", "beta beta class Gamma");
    const [first] = find(one, "");
    assert.equal(first!.name, "Gamma");
    assert.equal(find(one, "").length, 4);
  });

  it("are none of an unknown beginning, and the typed word is none", () => {
    const one = project();
    put(one, "/w/src/a.ts", "alpha");
    assert.deepEqual(find(one, "x"), []);
    assert.deepEqual(find(one, "alpha"), []);
    assert.equal(
      find(one, "al", undefined, "/elsewhere/z.py")[0]!.name,
      "alpha",
    );
  });
});
