import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const docs = join(__dirname, "../../docs");
const pages = readdirSync(docs).filter((name) => name.endsWith(".md"));

/** A link to a file of the project, which has to contain `symbol` if the link names one. */
interface Link {
  path: string;
  symbol: string | undefined;
}

describe("documentation", () => {
  for (const page of pages) {
    const links = [...linksOf(readFileSync(join(docs, page), "utf8"))];

    it(`${page} links to files and symbols that are there`, () => {
      assert.deepEqual(links.map(fault).filter(Boolean), []);
    });
  }

  it("links from both languages to the same files", () => {
    const paths = (page: string) =>
      [...linksOf(readFileSync(join(docs, page), "utf8"))]
        .filter(({ symbol }) => symbol !== undefined)
        .map(({ path }) => path)
        .sort();
    assert.ok(paths("rwkv.md").length > 20, "links are recognised");
    assert.deepEqual(paths("rwkv.zh-cn.md"), paths("rwkv.md"));
  });
});

/** [text](path "title"): a link to source code names a symbol, by its title if it has one, else by its text. */
function* linksOf(markdown: string): Generator<Link> {
  const pattern = /\[([^\]]*)\]\(([^)\s#:]+)(?:\s+(?:"([^"]*)"|'([^']*)'))?\)/g;
  for (const [, text = "", path = "", double, single] of markdown.matchAll(
    pattern,
  )) {
    const title = double ?? single;
    const isSource = /\.(ts|mjs|py)$/.test(path);
    const named =
      title ?? (/^`[^`]*`$/.test(text) ? text.slice(1, -1) : undefined);
    yield {
      path,
      symbol: isSource && !path.endsWith(named ?? path) ? named : undefined,
    };
  }
}

/** What is wrong with a link. */
function fault({ path, symbol }: Link): string | undefined {
  const file = join(docs, path);
  if (!existsSync(file)) return `${path}: no such file`;
  if (symbol === undefined || readFileSync(file, "utf8").includes(symbol))
    return undefined;
  return `${path}: "${symbol}" does not occur`;
}
