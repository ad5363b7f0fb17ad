import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import {
  diskReader,
  importsIn,
  installs,
  Libraries,
} from "../../../src/project/imports/libraries";
import type { LibraryPlaces } from "../../../src/project/imports/language";
import type { MayRead } from "../../../src/project/files";
import { ProjectFolder } from "../projectFolder";

describe("libraries that files import", () => {
  let folder: ProjectFolder;
  beforeEach(() => {
    folder = new ProjectFolder();
  });
  afterEach(() => {
    folder.remove();
  });

  /** The libraries of a file, by the path of their first file, with the lines of their signatures. */
  async function read(
    path: string,
    text: string,
    places: Partial<LibraryPlaces> = {},
    mayRead: MayRead = () => true,
  ): Promise<Record<string, string[]>> {
    const root = folder.at("w");
    const libraries = new Libraries({
      reader: diskReader(mayRead),
      roots: [root],
      home: folder.at("home"),
      environment: {},
      ...places,
    });
    const from = folder.write(`w/${path}`, text);
    const found: Record<string, string[]> = {};
    const located = await libraries.located(from, importsIn(from, text));
    for (const [key, { files }] of located) {
      const library = await libraries.read(key, files);
      const at = relative(folder.root, key.slice("library:".length));
      found[at] = library.text.split("\n").filter((line) => line.trim() !== "");
    }
    return found;
  }

  describe("in JavaScript and TypeScript", () => {
    it("are declared where `exports` and `types` say, in the nearest node_modules", async () => {
      folder.write(
        "w/node_modules/one/package.json",
        `{"exports": {".": {"import": {"types": "./t/i.d.mts"}}, "./sub/*": {"types": "./t/*.d.ts"}}}`,
      );
      folder.write(
        "w/node_modules/one/t/i.d.mts",
        "export declare function one(a: number): void;\nexport * from './more.mjs';",
      );
      folder.write(
        "w/node_modules/one/t/more.d.mts",
        "export interface More {\n  /** A field. */\n  field: string; // last\n}",
      );
      folder.write(
        "w/node_modules/one/t/part.d.ts",
        "export declare const part: 'a;b{';",
      );
      folder.write("w/node_modules/two/package.json", `{"types": "lib/two"}`);
      folder.write(
        "w/node_modules/two/lib/two.d.ts",
        "export declare class Two {}",
      );
      folder.write(
        "w/a/node_modules/two/package.json",
        `{"main": "nearer.js"}`,
      );
      folder.write(
        "w/a/node_modules/two/nearer.d.ts",
        "export type Nearer = { x: 1 };",
      );
      folder.write(
        "w/node_modules/@types/node/fs.d.ts",
        "export function readFile(): void;",
      );
      folder.write("w/node_modules/@types/node/package.json", "{}");
      const text = `import x from "one"; import "one/sub/part"; const two = require('two');
import { y } from "./local"; import fs from "node:fs"; import z from "missing";`;
      assert.deepEqual(await read("a/b.ts", text), {
        "w/node_modules/one/t/i.d.mts": [
          "export declare function one(a: number): void;",
          "export * from './more.mjs';",
          "export interface More {",
          "  field: string;",
          "}",
        ],
        "w/node_modules/one/t/part.d.ts": [
          "export declare const part: 'a;b{';",
        ],
        "w/a/node_modules/two/nearer.d.ts": ["export type Nearer = { x: 1 };"],
        "w/node_modules/@types/node/fs.d.ts": [
          "export function readFile(): void;",
        ],
      });
    });

    it("are declared in @types, else read from their code without bodies", async () => {
      folder.write("w/node_modules/typed/package.json", `{"main": "i.js"}`);
      folder.write("w/node_modules/typed/i.js", "module.exports = 1;");
      folder.write("w/node_modules/@types/typed/package.json", "{}");
      folder.write(
        "w/node_modules/@types/typed/index.d.ts",
        "export const typed: 1;",
      );
      folder.write("w/node_modules/plain/package.json", "{}");
      folder.write(
        "w/node_modules/plain/index.js",
        "class A {\n  go(x) {\n    return { secret: `}` };\n  }\n}\nfunction b() { hidden(); }",
      );
      assert.deepEqual(await read("a.js", "import 'typed'; import 'plain'"), {
        "w/node_modules/@types/typed/index.d.ts": ["export const typed: 1;"],
        "w/node_modules/plain/index.js": [
          "class A {",
          "  go(x);",
          "}",
          "function b();",
        ],
      });
    });

    it("lead out of no package, to no secret and to no other kind of file", async function () {
      if (process.platform === "win32") this.skip();
      folder.write("secret.d.ts", "export const secret: 1;");
      folder.write("id_rsa", "key");
      folder.write(
        "w/node_modules/up/package.json",
        `{"types": "../../../secret.d.ts"}`,
      );
      folder.write("w/node_modules/link/package.json", "{}");
      symlinkSync(
        folder.at("id_rsa"),
        folder.at("w/node_modules/link/index.d.ts"),
      );
      folder.write("w/node_modules/refused/package.json", "{}");
      folder.write("w/node_modules/refused/index.d.ts", "export const x: 1;");
      folder.write("w/node_modules/bad/package.json", "{nonsense");
      const text = "import 'up'; import 'link'; import 'refused'; import 'bad'";
      const mayRead = (path: string) => !path.includes("refused");
      assert.deepEqual(await read("a.ts", text, {}, mayRead), {});
    });

    it("have what other packages declare that they export or extend, wherever these are laid", async function () {
      if (process.platform === "win32") this.skip();
      const store = "w/node_modules/.store/views/node_modules";
      folder.write(`${store}/views/package.json`, `{"types": "index.d.ts"}`);
      folder.write(
        `${store}/views/index.d.ts`,
        `import * as core from "core"; import * as unused from "unused";
export * from '@views/runtime';
export interface Request extends core.Request {}
`,
      );
      for (const name of ["@views/runtime", "core", "unused"]) {
        folder.write(`${store}/${name}/package.json`, "{}");
        folder.write(
          `${store}/${name}/index.d.ts`,
          `export const of_${name.replace(/\W/g, "_")}: 1;`,
        );
      }
      symlinkSync(
        folder.at(`${store}/views`),
        folder.at("w/node_modules/views"),
      );
      const [lines = []] = Object.values(await read("a.ts", "import 'views'"));
      assert.deepEqual(
        lines.filter((line) => line.includes("const")),
        ["export const of__views_runtime: 1;", "export const of_core: 1;"],
      );
    });

    it("may lie behind links, as some package managers lay them", async function () {
      if (process.platform === "win32") this.skip();
      folder.write("w/node_modules/.store/linked/package.json", "{}");
      folder.write(
        "w/node_modules/.store/linked/index.d.ts",
        "export const linked: 1;",
      );
      symlinkSync(
        folder.at("w/node_modules/.store/linked"),
        folder.at("w/node_modules/linked"),
      );
      const found = await read("a.ts", "import 'linked'");
      assert.deepEqual(Object.values(found), [["export const linked: 1;"]]);
    });

    it("are those of the most exact entry of `exports`, whatever the order", async () => {
      folder.write(
        "w/node_modules/one/package.json",
        `{"exports": {"./*": "./any/*.d.ts", "./a/*": "./of-a/*.d.ts", "./a/b/c": "./exact.d.ts", "./a/b/*": "./of-b/*.d.ts"}}`,
      );
      const files = ["any/x", "of-a/x", "of-b/x", "exact", "of-b/c", "any/a/x"];
      for (const file of files)
        folder.write(
          `w/node_modules/one/${file}.d.ts`,
          `export const of_${file.replace(/\W/g, "_")}: 1;`,
        );
      const text = ["x", "a/x", "a/b/x", "a/b/c"]
        .map((part) => `import "one/${part}";`)
        .join("\n");
      assert.deepEqual(Object.values(await read("a.ts", text)).flat(), [
        "export const of_any_x: 1;",
        "export const of_of_a_x: 1;",
        "export const of_of_b_x: 1;",
        "export const of_exact: 1;",
      ]);
    });

    it("of Node.js are known with digits and parts, too", async () => {
      folder.write("w/node_modules/@types/node/package.json", "{}");
      for (const name of ["fs/promises", "http2", "stream/web", "path"])
        folder.write(
          `w/node_modules/@types/node/${name}.d.ts`,
          `declare module "${name}" {}`,
        );
      const text =
        "import 'fs/promises'; import 'http2'; import 'stream/web'; import 'path/posix'";
      assert.deepEqual(
        Object.keys(await read("a.ts", text)),
        ["fs/promises", "http2", "stream/web", "path"].map((name) =>
          join("w", "node_modules", "@types", "node", `${name}.d.ts`),
        ),
      );
    });

    it("are those of `typesVersions` for the newest TypeScript", async () => {
      folder.write(
        "w/node_modules/one/package.json",
        `{"types": "index.d.ts", "typesVersions": {"<=4.0": {"*": ["old/*"]}, ">=4.1": {"*": ["new/*"], "sub": ["new/part.d.ts"]}, "*": {"*": ["any/*"]}}}`,
      );
      for (const name of ["old/index", "new/index", "any/index", "index"])
        folder.write(
          `w/node_modules/one/${name}.d.ts`,
          `export const of_${name.replace("/", "_")}: 1;`,
        );
      folder.write("w/node_modules/one/new/part.d.ts", "export const part: 1;");
      const found = await read("a.ts", "import 'one'; import 'one/sub'");
      assert.deepEqual(Object.values(found).flat(), [
        "export const of_new_index: 1;",
        "export const part: 1;",
      ]);
    });

    it("are none where a link leads to another package of the workspace", async function () {
      if (process.platform === "win32") this.skip();
      folder.write("w/lib/package.json", `{"main": "src/index.ts"}`);
      folder.write("w/lib/src/index.ts", "export const own = 1;");
      folder.write("w/built/package.json", `{"types": "dist/index.d.ts"}`);
      folder.write("w/built/dist/index.d.ts", "export const own: 1;");
      folder.write("w/packages/app/node_modules/@o/other/package.json", "{}");
      folder.write(
        "w/packages/app/node_modules/@o/other/index.d.ts",
        "export * from '@o/lib';\nexport const other: 1;",
      );
      for (const name of ["lib", "built"])
        symlinkSync(
          join("../../../..", name),
          folder.at(`w/packages/app/node_modules/@o/${name}`),
        );
      const text = "import '@o/lib'; import '@o/built'; import '@o/other'";
      const expected = [["export * from '@o/lib';", "export const other: 1;"]];
      const found = await read("packages/app/a.ts", text);
      assert.deepEqual(Object.values(found), expected);
      // The workspace's folder may itself be behind a link.
      symlinkSync(folder.at("w"), folder.at("v"));
      const roots = [folder.at("v")];
      const again = await read("packages/app/a.ts", text, { roots });
      assert.deepEqual(Object.values(again), expected);
    });
  });

  describe("in Python", () => {
    it("are stubs first, of the workspace's environment, without bodies", async () => {
      folder.write("w/.venv/pyvenv.cfg", `home = ${folder.at("base/bin")}\n`);
      const site = "w/.venv/lib/python3.12/site-packages";
      folder.write(
        `${site}/pkg/__init__.py`,
        'from .core import Core\nVERSION = "1"\n_own = 2\n',
      );
      folder.write(
        `${site}/pkg/core.py`,
        '"""Long\nclass NotThis:\n"""\nclass Core(Base):\n    limit: int = 3\n    def run(self,\n            fast=True) -> int:\n        inner = 1\n        def nested(): pass\n        return inner\n    @property\n    def size(self): return 1\n    def _own(self): pass\nasync def main(): ...\n',
      );
      folder.write(`${site}/stubbed/__init__.py`, "def wrong(): pass");
      folder.write(
        `${site}/stubbed-stubs/__init__.pyi`,
        "def right(a: int) -> str: ...",
      );
      folder.write("base/lib/python3.12/json.py", "def loads(s): pass");
      folder.write("w/mine.py", "x = 1");
      const text =
        "import json, mine\nfrom pkg import (Core,\n  other)\nimport stubbed as s\nfrom .x import y\n";
      assert.deepEqual(await read("a.py", text), {
        "base/lib/python3.12/json.py": ["def loads(s): ..."],
        [`${site}/pkg/__init__.py`]: [
          "from .core import Core",
          "VERSION",
          "class Core(Base): ...",
          "    limit: int",
          "    def run(self, fast=True) -> int: ...",
          "    @property",
          "    def size(self): ...",
          "async def main(): ...",
        ],
        [`${site}/stubbed-stubs/__init__.pyi`]: [
          "def right(a: int) -> str: ...",
        ],
      });
    });

    it("of a package are those of its modules, however it names them, and of modules without a text", async () => {
      folder.write("w/.venv/pyvenv.cfg", "");
      const site = "w/.venv/lib/python3.12/site-packages";
      folder.write(
        `${site}/num/__init__.pyi`,
        "from num._core.make import (\n    linspace,  # evenly\n    arange as arange,\n)\nfrom typing import Any\nfrom .part import One as Two, _own\nfrom . import sub\n",
      );
      folder.write(
        `${site}/num/_core/make.pyi`,
        "from num.part import hidden\ndef linspace(start: float) -> Any: ...\n",
      );
      folder.write(`${site}/num/part.py`, "class One: pass\n");
      folder.write(
        `${site}/deques.py`,
        "from _deques import deque, _private\nfrom heap import heap\nclass Chain: pass\n",
      );
      const text = "import num as np\nfrom deques import deque\n";
      assert.deepEqual(await read("a.py", text), {
        [`${site}/num/__init__.pyi`]: [
          "from num._core.make import linspace, arange",
          "from .part import Two",
          "def linspace(start: float) -> Any: ...",
          "class One: ...",
        ],
        [`${site}/deques.py`]: [
          "from _deques import deque",
          "class Chain: ...",
        ],
      });
    });

    it("are those of the interpreter that the editor names", async () => {
      folder.write(
        "py/lib/python3.11/site-packages/lib1.py",
        "def one(): pass",
      );
      const pythonPath = folder.at("py/bin/python");
      const found = await read("a.py", "import lib1", { pythonPath });
      assert.deepEqual(Object.values(found), [["def one(): ..."]]);
    });

    it("are those of an installation as Windows and Debian lay it", async () => {
      const py = "Programs/Py312";
      folder.write(`${py}/Lib/json/__init__.py`, "def loads(s): pass");
      folder.write(`${py}/Lib/site-packages/lib1.py`, "def one(): pass");
      folder.write("usr/lib/python3/dist-packages/lib1.py", "def two(): pass");
      folder.write("usr/lib/python3.11/json.py", "def dumps(s): pass");
      folder.write(
        "usr/local/lib/python3.11/dist-packages/lib2.py",
        "def three(): pass",
      );
      const lines = async (pythonPath: string) =>
        Object.values(
          await read("a.py", "import json, lib1, lib2", {
            pythonPath: folder.at(pythonPath),
          }),
        ).flat();
      const ofWindows = ["def loads(s): ...", "def one(): ..."];
      assert.deepEqual(await lines(`${py}/python.exe`), ofWindows);
      folder.write("made/pyvenv.cfg", `home = ${folder.at(py)}\r\n`);
      assert.deepEqual(await lines("made/Scripts/python.exe"), ofWindows);
      assert.deepEqual(await lines("usr/bin/python3"), [
        "def dumps(s): ...",
        "def two(): ...",
        "def three(): ...",
      ]);
    });

    it("are those of the environment nearest to the file", async () => {
      for (const at of ["w", "w/services/api"]) {
        folder.write(`${at}/.venv/pyvenv.cfg`, "");
        folder.write(
          `${at}/.venv/lib/python3.12/site-packages/lib1.py`,
          `def of_${at.replace(/\W/g, "_")}(): pass`,
        );
      }
      const near = await read("services/api/src/a.py", "import lib1");
      assert.deepEqual(Object.values(near), [["def of_w_services_api(): ..."]]);
      const far = await read("services/a.py", "import lib1");
      assert.deepEqual(Object.values(far), [["def of_w(): ..."]]);
    });

    it("are named by relative imports, too, for what belongs together", () => {
      assert.deepEqual(
        importsIn(
          "a.py",
          "from . import one, two as t\nfrom ..pkg.mod import (\n  three, # 3\n)\nimport os.path as p, sys",
        ),
        ["os.path", "sys", ".one", ".two", "..pkg.mod", "..pkg.mod.three"],
      );
    });
  });

  it("in Go are in `vendor`, else in the module cache, what is exported alone", async () => {
    folder.write(
      "w/go.mod",
      "module example.com/me\n\nrequire (\n\tgithub.com/Big/lib v1.2.3\n\tgithub.com/Big/lib/v2 v2.0.0 // indirect\n)\n",
    );
    folder.write(
      "home/go/pkg/mod/github.com/!big/lib@v1.2.3/sub/a.go",
      "package sub\n\n// Doc.\nfunc Open(name string) (*File, error) {\n\treturn nil, nil\n}\n\nfunc hidden() {}\n\ntype File struct {\n\tName string\n\tsize int\n}\n\nfunc (f *File) Close() error { return nil }\n",
    );
    folder.write(
      "home/go/pkg/mod/github.com/!big/lib@v1.2.3/sub/a_test.go",
      "func TestX() {}",
    );
    folder.write(
      "w/vendor/other.org/v/v.go",
      "package v\nconst (\n\tOne = 1\n\ttwo = 2\n)",
    );
    const text =
      'package a\nimport (\n\tx "github.com/Big/lib/sub"\n\t"other.org/v"\n\t"example.com/me/own"\n)\nimport "unknown.org/u"\n';
    assert.deepEqual(await read("a.go", text), {
      "home/go/pkg/mod/github.com/!big/lib@v1.2.3/sub/a.go": [
        "func Open(name string) (*File, error);",
        "type File struct {",
        "\tName string",
        "}",
        "func (f *File) Close() error;",
      ],
      "w/vendor/other.org/v/v.go": ["const (", "\tOne = 1", ")"],
    });
  });

  it("in Go are where `replace` says, in any folder of GOPATH, after brackets in comments, too", async () => {
    folder.write(
      "w/go.mod",
      `module example.com/me // ) here
require (
	old.org/a v1.0.0
	old.org/b v1.0.0
	old.org/c v1.0.0
	old.org/own v1.0.0
)
replace old.org/a => new.org/fork v1.2.3
replace (
	old.org/b v1.0.0 => ../beside // not v2.0.0
	old.org/c v2.0.0 => ../beside
	old.org/own => ./own
)
`,
    );
    const second = "other/pkg/mod";
    folder.write(`${second}/new.org/fork@v1.2.3/sub/a.go`, "func Forked() {}");
    folder.write("beside/b.go", "func Beside() {}");
    folder.write(`${second}/old.org/c@v1.0.0/c.go`, "func NotReplaced() {}");
    folder.write("w/own/own.go", "func Own() {}");
    const text = `package a
import (
	"old.org/a/sub" // (a)
	/* ) */
	b "old.org/b"
	// more)
	"old.org/c"; "old.org/own"
)
func f() { g(")") }
`;
    const environment = {
      GOPATH: [folder.at("none"), folder.at("other")].join(delimiter),
    };
    assert.deepEqual(Object.values(await read("a.go", text, { environment })), [
      ["func Forked();"],
      ["func Beside();"],
      ["func NotReplaced();"],
    ]);
  });

  it("in Rust are in cargo's registry, at the locked version, what is public alone", async () => {
    folder.write(
      "w/Cargo.lock",
      '[[package]]\nname = "big-crate"\nversion = "1.0.2"\nsource = "registry+https://x"\n\n[[package]]\nname = "mine"\nversion = "0.1.0"\n',
    );
    const crate = "home/.cargo/registry/src/index-1/big-crate-1.0.2/src";
    folder.write(
      `${crate}/lib.rs`,
      "//! Doc {\npub mod part;\nmod own;\npub fn open<'a>(s: &'a str) -> Option<u8> {\n    let x = '{';\n    None\n}\npub struct Point {\n    pub left: u8,\n}\nimpl Point {\n    pub fn norm(&self) -> f32 { 1.0 }\n    pub(crate) fn own(&self) {}\n}\npub enum Kind {\n    First,\n}\n",
    );
    folder.write(`${crate}/part.rs`, "pub trait Part {\n    fn go(&self);\n}");
    const part = ["pub trait Part {", "    fn go(&self);", "}"];
    const text =
      "use big_crate::part::{Part};\nuse std::fs;\nuse mine::x;\nmod local;\n";
    assert.deepEqual(await read("src/main.rs", text), {
      [`${crate}/lib.rs`]: [
        "pub mod part;",
        "pub fn open<'a>(s: &'a str) -> Option<u8>;",
        "pub struct Point {",
        "    pub left: u8,",
        "}",
        "impl Point {",
        "    pub fn norm(&self) -> f32;",
        "}",
        "pub enum Kind {",
        "    First,",
        "}",
        ...part,
      ],
      // A large crate has more files than are read of it: what is named comes first.
      [`${crate}/part.rs`]: part,
    });
    assert.deepEqual(importsIn("a.rs", text), [
      "big_crate::part",
      "std::fs",
      "mine::x",
      "self::local",
      "big_crate",
      "mine",
    ]);
  });

  it("in Rust are of the version that the file's package depends on, else of the highest", async () => {
    const packages = [
      ["outer", "1.0.0", 'dependencies = [\n "http 0.2.12",\n]'],
      ...["0.2.12", "1.1.0", "1.10.0-rc.1"].map((of) => ["http", of]),
      ...["0.9.0", "0.10.0", "0.10.0-rc.1"].map((of) => ["indirect", of]),
    ].map(
      ([name, version, more = ""]) =>
        `[[package]]\nname = "${name}"\nversion = "${version}"\nsource = "registry+https://x"\n${more}\n`,
    );
    const own = [
      ["aside", "http 0.2.12"],
      ["app", "http 1.1.0"],
    ].map(
      ([name, needs]) =>
        `[[package]]\nname = "${name}"\nversion = "0.1.0"\ndependencies = [\n "${needs}",\n "outer",\n]\n`,
    );
    folder.write("w/Cargo.lock", [...packages, ...own].join("\n"));
    folder.write("w/Cargo.toml", '[workspace]\nmembers = ["app", "aside"]\n');
    folder.write("w/app/Cargo.toml", '[package]\nname = "app"\n');
    const crates = "home/.cargo/registry/src/index-1";
    for (const crate of ["http-0.2.12", "http-1.1.0", "http-1.10.0-rc.1"])
      folder.write(
        `${crates}/${crate}/src/lib.rs`,
        `pub fn of_${crate.replace(/\W/g, "_")}() {}`,
      );
    for (const of of ["0.9.0", "0.10.0", "0.10.0-rc.1"])
      folder.write(`${crates}/indirect-${of}/src/lib.rs`, "pub fn i() {}");
    folder.write(`${crates}/outer-1.0.0/src/lib.rs`, "pub use http::*;");
    const text = "use http::x;\nuse indirect::y;\nuse outer::z;\n";
    assert.deepEqual(await read("app/src/main.rs", text), {
      [`${crates}/http-1.1.0/src/lib.rs`]: ["pub fn of_http_1_1_0();"],
      [`${crates}/indirect-0.10.0/src/lib.rs`]: ["pub fn i();"],
      [`${crates}/outer-1.0.0/src/lib.rs`]: [
        "pub use http::*;",
        "pub fn of_http_0_2_12();",
      ],
    });
  });

  it("are known to change by the files that package managers write", () => {
    const site = "/w/.venv/lib/python3.12/site-packages";
    const written = [
      "package.json node_modules/.package-lock.json node_modules/.modules.yaml pnpm-lock.yaml yarn.lock",
      "package-lock.json node_modules/.yarn-state.yml bun.lock bun.lockb node_modules Cargo.lock Cargo.toml",
      "go.mod go.sum go.work vendor/modules.txt pyvenv.cfg poetry.lock uv.lock requirements.txt",
      "requirements-dev.txt build/compile_commands.json .vscode/c_cpp_properties.json",
    ]
      .flatMap((line) => line.split(" "))
      .map((name) => `/w/a/${name}`);
    const more = [
      "C:\\w\\package.json",
      site,
      `${site}/a-1.0.dist-info`,
      `${site}/a-1.0.egg-info`,
      `${site}/a-1.0.dist-info/METADATA`,
      `${site}/a-1.0.dist-info/RECORD`,
    ];
    assert.deepEqual(
      [...written, ...more].filter((path) => !installs(path)),
      [],
    );
    const others = [
      "/w/a/my-package.json",
      "/w/package.json/a.ts",
      "/w/node_modules/a/index.js",
      "/w/modules.txt",
      "/w/METADATA",
      `${site}/a/__init__.py`,
    ];
    assert.deepEqual(others.filter(installs), []);
  });

  it("in Rust have what a crate passes on of another one, at the workspace's version", async () => {
    folder.write(
      "w/Cargo.lock",
      ["outer", "inner-part"]
        .map(
          (name) =>
            `[[package]]\nname = "${name}"\nversion = "1.0.0"\nsource = "registry+https://x"\n`,
        )
        .join("\n"),
    );
    const crates = "home/.cargo/registry/src/index-1";
    folder.write(
      `${crates}/outer-1.0.0/src/lib.rs`,
      "pub use inner_part::*;\nuse hidden::Other;\n",
    );
    folder.write(
      `${crates}/inner-part-1.0.0/src/lib.rs`,
      "pub fn inside() {}\n",
    );
    assert.deepEqual(await read("src/main.rs", "use outer::inside;"), {
      [`${crates}/outer-1.0.0/src/lib.rs`]: [
        "pub use inner_part::*;",
        "pub fn inside();",
      ],
    });
  });

  it("in C and C++ are vendored headers of the workspace", async () => {
    folder.write(
      "w/third_party/zip/zip.h",
      '#ifndef Z\n#include "types.h"\n#define ZIP_MAX(a, b) \\\n  ((a) > (b))\nextern "C" {\nstruct zip_t { int level; };\nint zip_open(const char *path); /* opens */\nstatic inline int zip_in(void) { return 1; }\n}\n#endif\n',
    );
    folder.write(
      "w/third_party/zip/types.h",
      "typedef enum { ZIP_OK, ZIP_BAD } zip_error;",
    );
    folder.write("w/src/own.h", "int own(void);");
    const text =
      '#include <stdio.h>\n#include "zip/zip.h"\n# include "own.h"\n#include "../../outside.h"\n';
    folder.write("outside.h", "int outside(void);");
    assert.deepEqual(await read("src/a.cpp", text), {
      "w/third_party/zip/zip.h": [
        "#define ZIP_MAX(a, b)",
        'extern "C" {',
        "struct zip_t { int level; };",
        "int zip_open(const char *path);",
        "static inline int zip_in(void);",
        "}",
        "typedef enum { ZIP_OK, ZIP_BAD } zip_error;",
      ],
    });
  });

  it("in C and C++ are in the include folders of packages and of builds, with or without an ending", async () => {
    folder.write("w/third_party/fmt/include/fmt/core.h", "void print(int);");
    folder.write("sdk/one/one.h", "int one(void);");
    folder.write("sdk/two words/two.h", "int two(void);");
    folder.write("sdk/three/three.h", "#  define THREE 3");
    folder.write("sdk/eigen/Eigen/Dense", '#include "Core"\nclass Dense {};');
    folder.write("sdk/eigen/Eigen/Core", "class Core {};");
    folder.write("sdk/eigen/id_rsa", "int secret(void);");
    folder.write(
      "w/build/compile_commands.json",
      JSON.stringify([
        {
          directory: folder.at("w/build"),
          command: 'cc -I../../sdk/one -isystem "../../sdk/two words" -c a.c',
        },
        {
          directory: folder.at("w"),
          arguments: ["cc", "-I", "../sdk/three", "-I"],
        },
        7,
      ]),
    );
    folder.write("w/compile_commands.json", "[{ damaged");
    folder.write(
      "w/.vscode/c_cpp_properties.json",
      '{ /* of C */ "configurations": [{ "includePath": [7, "${workspaceFolder}/../sdk/eigen/**"] }] }',
    );
    const text = ["fmt/core.h", "one.h", "two.h", "three.h", "Eigen/Dense"]
      .concat("id_rsa", "../../sdk/one/../../outside.h")
      .map((name) => `#include <${name}>\n`)
      .join("");
    folder.write("outside.h", "int outside(void);");
    assert.deepEqual(await read("src/a.cpp", text), {
      "w/third_party/fmt/include/fmt/core.h": ["void print(int);"],
      "sdk/one/one.h": ["int one(void);"],
      "sdk/two words/two.h": ["int two(void);"],
      "sdk/three/three.h": ["#  define THREE"],
      "sdk/eigen/Eigen/Dense": ["class Dense {};", "class Core {};"],
    });
  });

  it("are bounded, and are cut nowhere in the middle of a loop of files", async () => {
    for (let i = 0; i < 60; i++)
      folder.write(
        `w/node_modules/big/${i}.d.ts`,
        `export * from './${(i + 1) % 60}';\nexport const n${i}: 1;`,
      );
    folder.write("w/node_modules/big/package.json", `{"types": "0.d.ts"}`);
    const found = await read("a.ts", "import 'big'");
    const lines = found[join("w", "node_modules", "big", "0.d.ts")]!;
    assert.equal(lines.filter((line) => line.includes("const")).length, 24);
  });
});
