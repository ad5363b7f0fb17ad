import assert from "node:assert/strict";
import { RelatedFiles } from "../../src/project/related";

function near(
  files: Record<string, string[]>,
  path: string,
  most = 20,
  edited: string[] = [],
): string[] {
  const related = new RelatedFiles();
  const paths = Object.keys(files);
  paths.forEach((one, i) => related.add(i, one, files[one]!));
  for (const one of edited) related.touch(paths.indexOf(one));
  return related
    .near(path, files[path] ?? [], most)
    .map(({ file }) => paths[file]!);
}

describe("related files", () => {
  it("are those of one name, then the imported ones, then those of the folder", () => {
    assert.deepEqual(
      near(
        {
          "/w/src/far/away/deep.ts": [],
          "/w/src/a/foo.ts": ["../b/bar", "node:fs"],
          "/w/src/a/zed.ts": [],
          "/w/src/a/notes.md": [],
          "/w/test/a/foo.test.ts": [],
          "/w/src/b/bar.ts": [],
          "/w/src/c/user.ts": ["../a/foo.js"],
        },
        "/w/src/a/foo.ts",
      ),
      [
        "/w/src/b/bar.ts",
        "/w/test/a/foo.test.ts",
        "/w/src/c/user.ts",
        "/w/src/a/zed.ts",
        "/w/src/a/notes.md",
        "/w/src/far/away/deep.ts",
      ],
    );
  });

  it("know a header by its source, a module by its folder, a package by its last part", () => {
    const [header] = near(
      { "/w/a.cpp": [], "/w/b.cpp": [], "/w/include/x/a.h": [] },
      "/w/a.cpp",
    );
    assert.equal(header, "/w/include/x/a.h");
    const [module] = near(
      {
        "/w/main.py": ["pkg.util"],
        "/w/z.py": [],
        "/w/src/pkg/util/__init__.py": [],
      },
      "/w/main.py",
    );
    assert.equal(module, "/w/src/pkg/util/__init__.py");
    const [rust] = near(
      {
        "/w/src/main.rs": ["crate::store::Store"],
        "/w/src/z.rs": [],
        "/w/src/deep/er/store.rs": [],
      },
      "/w/src/main.rs",
    );
    assert.equal(rust, "/w/src/deep/er/store.rs");
  });

  it("know the file to which an import is a path, whatever dots are in its name", () => {
    for (const [specifier, imported] of [
      ["../b/c/user.service", "/w/b/c/user.service.ts"],
      ["../b/c/Foo.vue", "/w/b/c/Foo.vue"],
      ["../b/c/index.js", "/w/b/c/index.ts"],
      ["../b/c", "/w/b/c/index.ts"],
      ["../b/lib", "/w/b/lib/index.ts"],
      ["@/b/c/foo.js", "/w/b/c/foo.ts"],
    ] as const) {
      const files = {
        "/w/a/main.ts": [specifier],
        "/w/a/near.ts": [],
        [imported]: [],
      };
      assert.equal(near(files, "/w/a/main.ts")[0], imported, specifier);
    }
  });

  it("are all files of a package that is imported as a folder, and all that import it", () => {
    const files = {
      "/w/cmd/app/run.go": ["github.com/o/app/internal/store"],
      "/w/cmd/app/near.go": [],
      "/w/internal/store/postgres.go": [],
      "/w/internal/store/store.go": [],
    };
    const ofStore = [
      "/w/internal/store/postgres.go",
      "/w/internal/store/store.go",
    ];
    assert.deepEqual(near(files, "/w/cmd/app/run.go", 2).sort(), ofStore);
    const [, second] = near(files, "/w/internal/store/postgres.go");
    assert.equal(second, "/w/cmd/app/run.go");
  });

  it("are nearer when they were edited just now", () => {
    const files = {
      "/w/a.ts": [],
      "/w/b.ts": [],
      "/w/c.ts": [],
      "/w/d.ts": [],
    };
    assert.deepEqual(near(files, "/w/a.ts", 2, ["/w/c.ts", "/w/d.ts"]), [
      "/w/d.ts",
      "/w/c.ts",
    ]);
  });

  it("are forgotten, by folder, name and import", () => {
    const related = new RelatedFiles();
    related.add(1, "/w/a.ts", ["./b"]);
    related.add(2, "/w/b.ts", []);
    related.remove(1);
    assert.deepEqual(related.near("/w/b.ts", [], 9), []);
    related.add(1, "/v/a.ts", []);
    assert.deepEqual(
      related
        .near("/w/b.ts", [], 9)
        .map(({ file, distance }) => [file, distance]),
      [[1, 2]],
    );
  });
});
