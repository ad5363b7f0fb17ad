import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/**
 * Folders of texts for packages that ship none themselves.
 * @type {Record<string, string>}
 */
const own = {
  "onnxruntime-node": "onnxruntime",
  "onnxruntime-common": "onnxruntime",
};

/**
 * The package folders that files under node_modules belong to.
 * @param {string[]} inputs paths relative to the repository
 */
function packagesOf(inputs) {
  const folders = inputs.flatMap(
    (input) =>
      /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? [],
  );
  return [...new Set(folders)].sort();
}

/**
 * Writes out who owns what is packaged, under which licence.
 * @param {string} root the repository
 * @param {string[]} inputs bundled files, relative to it
 */
export async function thirdPartyNotices(root, inputs) {
  const folders = [
    ...new Set([
      ...packagesOf(inputs),
      "node_modules/onnxruntime-common",
      "node_modules/onnxruntime-node",
      "node_modules/web-tree-sitter",
      "node_modules/@vscode/tree-sitter-wasm",
    ]),
  ];
  const parts = [];
  const shared = new Set();
  for (const folder of folders.sort()) {
    const { name, version, license, author } = JSON.parse(
      await readFile(join(root, folder, "package.json"), "utf8"),
    );
    let texts = await licenceTexts(join(root, folder));
    if (texts.length === 0 && own[name]) {
      const from = join(root, "scripts", "licences", own[name]);
      texts = shared.has(from)
        ? ["The texts above apply."]
        : await licenceTexts(from);
      shared.add(from);
    }
    if (texts.length === 0) {
      const where = relative(root, join(root, folder)).split(sep).join("/");
      throw new Error(
        `${where} (${license}, ${author?.name ?? author ?? "no author"}) ships no licence text`,
      );
    }
    parts.push(`${name} ${version} (${license})\n\n${texts.join("\n\n")}`);
  }
  const grammars = join(root, "scripts", "licences", "tree-sitter-grammars");
  parts.push(...(await licenceTexts(grammars)));
  const rule = `\n\n${"=".repeat(80)}\n\n`;
  const head = "This extension contains the following software of others.";
  return [head, ...parts].join(rule) + "\n";
}

/** @param {string} folder */
async function licenceTexts(folder) {
  const names = (await readdir(folder)).filter((name) =>
    /^(licen[cs]e|copying|notice|third-?party-?notices?)/i.test(name),
  );
  const texts = await Promise.all(
    names.sort().map((name) => readFile(join(folder, name), "utf8")),
  );
  return texts.map((text) => text.replaceAll("\r\n", "\n").trim());
}
