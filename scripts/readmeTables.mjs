/**
 * Writes the tables of commands and settings in README.md and README.zh-cn.md from package.json:
 *
 *     npm run readme             writes them
 *     npm run readme -- --check  fails if they are out of date
 */
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** What a page needs besides package.json. */
export const pages = [
  {
    readme: "README.md",
    texts: "package.nls.json",
    columns: {
      command: ["Command", "Identifier"],
      setting: ["Setting", "Default", "What it does"],
    },
  },
  {
    readme: "README.zh-cn.md",
    texts: "package.nls.zh-cn.json",
    columns: {
      command: ["命令", "标识符"],
      setting: ["设置", "默认值", "作用"],
    },
  },
];

/**
 * @typedef {{default: unknown, markdownDescription: string, enum?: string[], minimum?: number, maximum?: number}} Property
 * @typedef {{contributes: {commands: {command: string, title: string}[], configuration: {properties: Record<string, Property>}[]}}} Manifest
 */

/**
 * The tables of one page.
 * @param {Manifest} manifest
 * @param {Record<string, string>} texts
 * @param {{command: string[], setting: string[]}} columns
 */
export function tables(manifest, texts, columns) {
  const { commands, configuration } = manifest.contributes;
  const text = (/** @type {string} */ key) =>
    (texts[key.replaceAll("%", "")] ?? key)
      // A link to another setting means something in the settings page alone.
      .replace(/`#([^`#]+)#`/g, "`$1`")
      .replaceAll("|", "\\|");
  const properties = Object.assign(
    {},
    ...configuration.map((part) => part.properties),
  );
  return {
    commands: table(
      columns.command,
      commands.map(({ command, title }) => [
        `RWKV: ${text(title)}`,
        `\`${command}\``,
      ]),
    ),
    settings: table(
      columns.setting,
      Object.entries(/** @type {Record<string, Property>} */ (properties)).map(
        ([key, property]) => [
          `\`${key}\``,
          defaultOf(property),
          text(property.markdownDescription) + rangeOf(property),
        ],
      ),
    ),
  };
}

/** @param {Property} property */
function defaultOf({ default: value }) {
  return Array.isArray(value) && value.length > 2
    ? "…"
    : `\`${JSON.stringify(value)}\``;
}

/** @param {Property} property */
function rangeOf({ enum: values, minimum, maximum }) {
  if (values) return ` (${values.map((value) => `\`${value}\``).join(", ")})`;
  return minimum === undefined ? "" : ` (${minimum} … ${maximum})`;
}

/**
 * @param {string[]} columns
 * @param {string[][]} rows
 */
function table(columns, rows) {
  const row = (/** @type {string[]} */ cells) => `| ${cells.join(" | ")} |`;
  return [row(columns), row(columns.map(() => "---")), ...rows.map(row)].join(
    "\n",
  );
}

/**
 * The page with its tables replaced.
 * @param {string} page
 * @param {Record<string, string>} made by the name in the marks
 */
export function withTables(page, made) {
  let result = page;
  for (const [name, text] of Object.entries(made)) {
    const begin = `<!-- ${name}: made by \`npm run readme\` -->`;
    const end = `<!-- end of ${name} -->`;
    const from = result.indexOf(begin);
    const to = result.indexOf(end);
    if (from < 0 || to < from) throw new Error(`the page lacks ${begin}`);
    result =
      result.slice(0, from + begin.length) +
      `\n<!-- prettier-ignore-start -->\n\n${text}\n\n<!-- prettier-ignore-end -->\n` +
      result.slice(to);
  }
  return result;
}

/** @param {boolean} isCheck */
async function main(isCheck) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const read = (/** @type {string} */ name) =>
    readFile(join(root, name), "utf8");
  const manifest = JSON.parse(await read("package.json"));
  for (const { readme, texts, columns } of pages) {
    const page = await read(readme);
    const made = tables(manifest, JSON.parse(await read(texts)), columns);
    const next = withTables(page, made);
    if (next === page) continue;
    if (isCheck) {
      console.error(`${readme} is out of date; run \`npm run readme\``);
      process.exitCode = 1;
    } else await writeFile(join(root, readme), next);
  }
}

// No top-level await: the tests load this file as CommonJS.
if (process.argv[1] === fileURLToPath(import.meta.url))
  void main(process.argv.includes("--check"));
