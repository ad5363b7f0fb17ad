import assert from "node:assert/strict";
import fc from "fast-check";
import picomatch from "picomatch";
import { compileGlob, GlobError } from "../../src/exclusion/glob";

const matches = (glob: string, path: string) =>
  compileGlob(glob).matches(path.toLowerCase().split("/"), true);

/** Whether picomatch says that a path or one of its folders is meant. */
function reference(glob: string, path: string): boolean {
  // What means a folder and all in it is here what is in it.
  const isMatch = picomatch(glob.replace(/\*\*$/, "**/*"), {
    dot: true,
    nocase: true,
  });
  const names = path.split("/");
  return names.some((_, i) => isMatch(names.slice(0, i + 1).join("/")));
}

const name = fc.string({
  unit: fc.constantFrom("a", "b", "."),
  minLength: 1,
  maxLength: 4,
});
const usual = name.filter((each) => !/^\.+$/.test(each));
const path = fc
  .array(usual, { minLength: 1, maxLength: 4 })
  .map((names) => names.join("/"));
const part = fc.constantFrom(
  "a",
  "b",
  ".",
  "*",
  "?",
  "[ab]",
  "[^a]",
  "{a,b}",
  "{a,ab,.b}",
);
const globName = fc.oneof(
  { weight: 1, arbitrary: fc.constant("**") },
  {
    weight: 4,
    arbitrary: fc
      .array(part, { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join("").replace(/\*+/g, "*"))
      // What is no name, and what picomatch reads in ways of its own.
      .filter((each) => !/^\.+$/.test(each) && !/\.\.|\*\?|\?\*/.test(each)),
  },
);
const glob = fc
  .array(globName, { minLength: 2, maxLength: 4 })
  .map((names) => names.join("/"));

describe("glob", () => {
  it("agrees with picomatch on what both know", () => {
    fc.assert(
      fc.property(glob, path, (glob, path) => {
        fc.pre((glob.match(/\{/g) ?? []).length < 5);
        assert.equal(
          matches(glob, path),
          reference(glob, path),
          `${glob} on ${path}`,
        );
      }),
      { numRuns: 500 },
    );
  });

  it("means what is in a folder, too", () => {
    for (const glob of [
      "secrets",
      "secrets/",
      "**/secrets",
      "secrets/**",
      "/secrets",
      "SECRETS",
      "sec*",
    ])
      for (const path of ["secrets/a.ts", "secrets/b/c.ts"])
        assert.ok(matches(glob, path), `${glob} on ${path}`);
    for (const glob of ["secrets", "secrets/", "**/secrets"])
      assert.ok(matches(glob, "x/secrets/a.ts"), glob);
    assert.ok(!matches("/secrets", "x/secrets/a.ts"));
    assert.ok(!matches("secrets", "my-secrets/a.ts"));
  });

  it("reads what it does not know as what matches more", () => {
    for (const glob of [
      "x.@(a|b)",
      "x.{a..c}",
      "x.[[:alpha:]]",
      "x.[z-a]",
      "x.+(b)",
    ])
      assert.ok(matches(glob, "x.b"), glob);
  });

  it("takes a backslash as an escape and as a separator", () => {
    assert.ok(matches("a\\[b", "a[b"));
    assert.ok(matches("a\\b\\c.ts", "a/b/c.ts"));
    assert.ok(matches("C:\\keys", "c:/keys/a"));
  });

  it("takes steps in proportion to glob and path, whatever the glob", () => {
    // With backtracking these take longer than any test may.
    const text = "a".repeat(4000);
    assert.ok(!matches(`${"*a".repeat(200)}*b`, text));
    assert.ok(
      !matches(`${"**/*a/".repeat(100)}b`, Array(300).fill("aaa").join("/")),
    );
    assert.ok(!matches(`${"*a".repeat(30)}{${"*a,".repeat(30)}*b}c`, text));
  });

  it("refuses what would take too long", () => {
    assert.throws(() => compileGlob("a".repeat(2000)), GlobError);
    assert.throws(() => compileGlob("{a,b}".repeat(20)), GlobError);
  });
});
