import { importsIn } from "../../../src/project/imports/libraries";
import { packagesOf } from "../../../src/project/imports/cargoLock";
import { readModule } from "../../../src/project/imports/goModule";
import { c } from "../../../src/project/imports/c";
import { go } from "../../../src/project/imports/go";
import { javascript } from "../../../src/project/imports/javascript";
import { python } from "../../../src/project/imports/python";
import { rust } from "../../../src/project/imports/rust";

// A program of its own, since a regular expression that takes minutes cannot be ended from within.

const none = () => Promise.resolve(undefined);
const places = {
  reader: {
    read: none,
    isFile: () => Promise.resolve(false),
    list: () => Promise.resolve([]),
    real: (path: string) => Promise.resolve(path),
  },
  roots: ["/w"],
  home: "/h",
  environment: {},
};
const many = 60_000;
/** Texts that begin often, or long, what never ends. */
const texts = [
  "\n".repeat(many),
  "\r\n".repeat(many),
  ...[" ", "\t", ".", "(", "{", ":", "'", '"', "`", "/*", "a", "//", "\\"].map(
    (char) => `${char.repeat(many)}!`,
  ),
  ...[" ", "\n", ".", "(", "a", "a::"].flatMap((char) =>
    [
      "import",
      "import ",
      "import(",
      "from ",
      "require(",
      "use ",
      "pub",
      "pub(",
      "pub use ",
      "mod ",
      "export ",
      "export * from",
      "from a import ",
      "from a import (",
      "#include ",
      "#include <",
      "#define ",
      "#define a(",
      "def f(",
      "class a",
      "func (",
      "func ",
      "x = ",
      "x: int",
      "import * as ",
      "<reference types",
    ].map((start) => `${start}${char.repeat(many)}!`),
  ),
  ...[
    "import (\n",
    "import(",
    "from a import (\n",
    "from a import (#\n",
    "export ",
    "export { from ",
    "import * as a from 'b'\n",
    "class a {",
    "type A = {",
    "struct a {",
    "mod a {",
    "fn a() {",
    "pub(",
    "def f(\n",
    "#define a\r",
    '"""',
    "r'''",
    "x : return \u2028",
  ].map((part) => part.repeat(20_000)),
];
const languages = { "a.ts": javascript, "a.py": python, "a.go": go };
const all = { ...languages, "a.rs": rust, "a.c": c };

async function readAll(): Promise<void> {
  for (const text of texts) {
    packagesOf(`[[package]]\n${text}`);
    readModule(text);
    for (const [path, language] of Object.entries(all)) {
      importsIn(path, text);
      language.signatures(text, path);
      await language.passedOn(text, path, places);
    }
  }
}

readAll().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
