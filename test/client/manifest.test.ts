import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  defaultProcessSettings,
  defaultServer,
  defaultSettings,
} from "../../src/protocol";
import { settingBounds } from "../../src/settingBounds";

const root = join(__dirname, "..", "..");

interface Property {
  type: string | string[];
  default: unknown;
  scope: string;
  markdownDescription: string;
  minimum?: number;
  maximum?: number;
  pattern?: string;
}

interface Manifest {
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
  contributes: {
    commands: { command: string }[];
    menus: Record<string, { command: string }[]>;
    keybindings: { command: string }[];
    walkthroughs: {
      steps: { description: string; media: { image: string } }[];
    }[];
    configuration: { title: string; properties: Record<string, Property> }[];
  };
}

const text = readFileSync(join(root, "package.json"), "utf8");
const manifest = JSON.parse(text) as Manifest;
const properties = Object.assign(
  {},
  ...manifest.contributes.configuration.map((part) => part.properties),
) as Record<string, Property>;
const processKeys = [
  "rwkv.threads",
  "rwkv.memoryBudget",
  "rwkv.modelsPath",
  "rwkv.project",
  "rwkv.projectMemory",
  "rwkv.unloadAfter",
];
/** What is asked of the network is the user's to say. A container's files set what has the scope "machine". */
const applicationKeys = [
  "rwkv.downloadEndpoint",
  "rwkv.server.url",
  "rwkv.server.model",
  "rwkv.server.timeBudget",
];
const translations = ["package.nls.json", "package.nls.zh-cn.json"].map(
  (name) => ({
    name,
    texts: JSON.parse(readFileSync(join(root, name), "utf8")) as Record<
      string,
      string
    >,
  }),
);

/** `{generate: {topP: 1}}` as `{"rwkv.generate.topP": 1}`; values that are settings themselves stay whole. */
function flat(settings: object, prefix: string): Record<string, unknown> {
  const entries = Object.entries(settings).flatMap(
    ([key, value]: [string, unknown]) =>
      key === "generate"
        ? Object.entries(flat(value as object, `${prefix}.${key}`))
        : [[`${prefix}.${key}`, value]],
  );
  return Object.fromEntries(entries) as Record<string, unknown>;
}

/** Whether a setting takes numbers, be it besides a word. */
function isNumber(type: Property["type"]): boolean {
  return type.includes("number") || type.includes("integer");
}

describe("package.json", () => {
  it("declares exactly the settings of the protocol, with the same defaults", () => {
    const declared = Object.entries(properties).filter(
      // The client alone knows where downloads come from.
      ([key]) => key !== "rwkv.downloadEndpoint",
    );
    const { key: _, ...server } = defaultServer;
    const defaults = Object.fromEntries(
      declared.map(([key, property]) => [key, property.default]),
    );
    assert.deepEqual(defaults, {
      ...flat(defaultSettings, "rwkv"),
      ...flat(server, "rwkv.server"),
      ...flat(defaultProcessSettings, "rwkv"),
    });
  });

  it("gives every number a range that holds its default", () => {
    for (const [
      key,
      { type, default: value, minimum, maximum },
    ] of Object.entries(properties)) {
      if (!isNumber(type)) continue;
      assert.ok(minimum !== undefined && maximum !== undefined, key);
      if (typeof value === "number")
        assert.ok(value >= minimum && value <= maximum, key);
      else assert.deepEqual([type, value], [["integer", "string"], "auto"]);
    }
  });

  it("scopes settings to the resource, except what belongs to the process or the user", () => {
    for (const [key, { scope }] of Object.entries(properties)) {
      const allowed = applicationKeys.includes(key)
        ? ["application"]
        : processKeys.includes(key)
          ? ["machine-overridable"]
          : ["resource", "language-overridable"];
      assert.ok(allowed.includes(scope), `${key} has scope ${scope}`);
    }
  });

  it("gives every number the bounds that the server holds to", () => {
    const numbers = Object.entries(properties).filter(([, { type }]) =>
      isNumber(type),
    );
    const declared = numbers.map(([key, { type, minimum, maximum }]) => [
      key.slice("rwkv.".length),
      { minimum, maximum, isInteger: type.includes("integer") },
    ]);
    assert.deepEqual(Object.fromEntries(declared), settingBounds);
  });

  it("allows a time budget of auto, and no other word", () => {
    const { pattern } = properties["rwkv.timeBudget"]!;
    const words = ["auto", "automatic", "40", ""];
    assert.deepEqual(
      words.filter((word) => new RegExp(pattern!).test(word)),
      ["auto"],
    );
  });

  it("restricts what names a place or raises cost until the workspace is trusted", () => {
    const { restrictedConfigurations } =
      manifest.capabilities.untrustedWorkspaces;
    assert.deepEqual(restrictedConfigurations, [
      "rwkv.modelsPath",
      "rwkv.model",
      "rwkv.threads",
      "rwkv.memoryBudget",
      "rwkv.maxTokens",
      "rwkv.timeBudget",
      "rwkv.generate.maxTokens",
      "rwkv.readAhead",
      "rwkv.project",
      "rwkv.projectMemory",
      "rwkv.unloadAfter",
    ]);
  });

  it("describes every setting", () => {
    for (const [key, { markdownDescription }] of Object.entries(properties)) {
      assert.match(markdownDescription, /^%setting\..+%$/, key);
    }
  });

  it("binds menus and keys to declared commands only", () => {
    const declared = new Set(
      manifest.contributes.commands.map(({ command }) => command),
    );
    const used = [
      ...Object.values(manifest.contributes.menus).flat(),
      ...manifest.contributes.keybindings,
    ];
    for (const { command } of used) assert.ok(declared.has(command), command);
    const source = readFileSync(join(root, "src", "extension.ts"), "utf8");
    for (const command of declared)
      assert.ok(
        source.includes(`"${command}"`),
        `${command} is not registered`,
      );
  });

  it("has a picture for each step of the walkthrough", () => {
    const steps = manifest.contributes.walkthroughs.flatMap((w) => w.steps);
    assert.equal(steps.length, 4);
    for (const { media } of steps)
      assert.ok(existsSync(join(root, media.image)), media.image);
  });

  for (const { name, texts } of translations) {
    it(`links its walkthrough to declared commands in ${name}`, () => {
      const declared = manifest.contributes.commands.map((c) => c.command);
      const linked = Object.values(texts).flatMap((value) =>
        [...value.matchAll(/\(command:([\w.]+)\)/g)].map(([, id]) => id),
      );
      assert.equal(linked.length, 3);
      for (const id of linked) assert.ok(declared.includes(id ?? ""), id);
    });

    it(`has all its texts in ${name}, and no others`, () => {
      const used = [...text.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key);
      assert.deepEqual(Object.keys(texts).sort(), [...new Set(used)].sort());
      for (const [key, value] of Object.entries(texts))
        assert.notEqual(value.trim(), "", key);
    });
  }
});
