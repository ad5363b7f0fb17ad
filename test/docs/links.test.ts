import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const docs = join(__dirname, "../../docs");
const pages = readdirSync(docs).filter((name) => name.endsWith(".md"));

/** A link to a file of the project; the line it names has to contain `word`. */
interface Link {
  path: string;
  line: number | undefined;
  word: string;
}

describe("documentation", () => {
  for (const page of pages) {
    const links = [...linksOf(readFileSync(join(docs, page), "utf8"))];

    it(`${page} links to files and lines that are there`, () => {
      assert.deepEqual(links.map(fault).filter(Boolean), []);
    });
  }

  it("links from both languages to the same lines", () => {
    const places = (page: string) =>
      [...linksOf(readFileSync(join(docs, page), "utf8"))]
        .filter(({ line }) => line !== undefined)
        .map(({ path, line }) => `${path}#L${line}`)
        .sort();
    assert.ok(places("rwkv.md").length > 20, "links are recognised");
    assert.deepEqual(places("rwkv.zh-cn.md"), places("rwkv.md"));
  });
});

/** [text](path#L12 "title"), where the title says the word if there is one, else the text does. */
function* linksOf(markdown: string): Generator<Link> {
  const pattern =
    /\[([^\]]*)\]\(([^)\s#:]+)(?:#L(\d+))?(?:\s+(?:"([^"]*)"|'([^']*)'))?\)/g;
  for (const [
    ,
    text = "",
    path = "",
    line,
    double,
    single,
  ] of markdown.matchAll(pattern)) {
    const word = double ?? single ?? text.replaceAll("`", "");
    yield { path, line: line === undefined ? line : Number(line), word };
  }
}

/** What is wrong with a link, and where it should point to. */
function fault({ path, line, word }: Link): string | undefined {
  const file = join(docs, path);
  if (!existsSync(file)) return `${path}: no such file`;
  if (line === undefined) return undefined;
  const lines = readFileSync(file, "utf8").split("\n");
  if (lines[line - 1]?.includes(word)) return undefined;
  const found = lines.flatMap((text, i) => (text.includes(word) ? i + 1 : []));
  const now = found.length > 0 ? `on line ${found.join(", ")}` : "nowhere";
  return `${path}#L${line}: "${word}" is ${now}`;
}
