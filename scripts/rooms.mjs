/**
 * The rooms of `src` and what each may import: the order that ARCHITECTURE.md shows. ESLint holds it
 * (`no-restricted-paths`); `test/rooms.test.ts` shows that it does, and that no files import each
 * other in a circle.
 *
 * A new folder of `src` gets a line here. A line names what is used, not all that would be allowed
 * by the order, so that a new arrow is a decision somebody reads in a diff.
 */

const network = ["engine", "tokenizer"];
const models = [
  "models/package",
  "models/import",
  "models/export",
  "models/formats",
  "models/modelError.ts",
];

/**
 * Paths below `src`, from the editor down to bytes; a file where a room is one file.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const rooms = {
  "extension.ts": ["client"],
  "browser.ts": [],
  client: [
    "protocol.ts",
    "messages.ts",
    "explanationText.ts",
    "reasonText.ts",
    "text",
    "download",
    "models/catalogue",
  ],
  cli: [
    "protocol.ts",
    "messages.ts",
    "exclusion",
    "completion",
    "runtime",
    "download",
    "models/catalogue",
    ...models,
    ...network,
    "text",
  ],
  server: [
    "protocol.ts",
    "messages.ts",
    "explanationText.ts",
    "reasonText.ts",
    "settingBounds.ts",
    "exclusion",
    "remote",
    "completion",
    "syntax",
    "project",
    "runtime",
    "copying",
    "state",
    ...models,
    // Sampling alone, for a request's temperature and seed.
    "engine/sampling.ts",
    "tokenizer",
    "text",
  ],
  // Another engine, over HTTP: text, no tokens.
  remote: ["protocol.ts", "messages.ts", "completion", "text", "files"],
  // Text, not tensors: of the engine it knows how a token is chosen, and nothing else.
  completion: [
    "protocol.ts",
    "syntax",
    "project",
    "runtime",
    "copying",
    "tokenizer",
    "text",
    "engine/sampling.ts",
  ],
  syntax: ["text"],
  project: ["tokenizer", "copying", "text"],
  runtime: [
    "messages.ts",
    "files",
    "state",
    "copying",
    "models/package",
    "models/formats",
    "models/modelError.ts",
    ...network,
    "text",
  ],
  // Official checkpoints: where they are, and what they need.
  "models/catalogue": ["download", "files", "models/matrixBytes.ts", "text"],
  // Connections of the extension host, and of `rwkv-models`; those of the engine are in remote.
  download: ["messages.ts", "files"],
  "models/export": [
    "models/import",
    "models/formats",
    "models/modelError.ts",
    ...network,
  ],
  "models/import": [
    "messages.ts",
    "files",
    "models/package",
    "models/formats",
    "models/matrixBytes.ts",
    "models/modelError.ts",
    ...network,
    "text",
  ],
  "models/package": [
    "messages.ts",
    "files",
    "models/formats",
    "models/modelError.ts",
    ...network,
    "text",
  ],
  "models/formats": ["messages.ts", "models/modelError.ts", "engine", "files"],
  // A fact about packages that the catalogue's estimates need without the engine.
  "models/matrixBytes.ts": [],
  "models/modelError.ts": ["messages.ts"],
  state: [...network, "files"],
  // Candidates are what the engine's gate weighs, hence its type.
  copying: [...network, "text"],
  engine: ["messages.ts"],
  tokenizer: ["messages.ts", "files"],
  // The rule of what is not read, for whoever reads files.
  exclusion: ["protocol.ts"],
  "settingBounds.ts": [],
  "explanationText.ts": ["protocol.ts", "messages.ts"],
  "reasonText.ts": ["protocol.ts", "messages.ts"],
  "protocol.ts": ["messages.ts"],
  "messages.ts": ["damage.ts", "translate.ts"],
  "damage.ts": ["translate.ts"],
  "translate.ts": [],
  // Facts about characters and sizes that any room may need.
  text: [],
  // Reading and naming files with care: bounded, and regular ones alone.
  files: ["messages.ts"],
};

/** @param {string} path below the root */
const here = (path) => `./${path}`;

/**
 * One zone a room: nothing of this repository but what its line names. Tests and benches stand above
 * all of it, so no room knows them.
 */
const zones = Object.entries(rooms).map(([room, may]) => ({
  target: here(`src/${room}`),
  from: here("."),
  except: [
    "node_modules",
    "package.json",
    // Translations: data, as what package.json says.
    "l10n",
    ...[room, ...may].map((path) => `src/${path}`),
  ],
  message: `src/${room} may import ${may.length === 0 ? "nothing else of src" : may.join(", ")}; see scripts/rooms.mjs.`,
}));

/** What ESLint needs to hold the order: the rule's options. */
export const restrictedPaths = { zones };
