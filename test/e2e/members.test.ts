import assert from "node:assert/strict";
import { Editor } from "./editor";

const files = {
  "use.ts": [
    "const list = [1, 2];",
    'const word = "a";',
    "const when = new Date();",
    "const wait = Promise.resolve(1);",
    "const pattern = /a/;",
    "const bytes = new Uint8Array(4);",
    "const half = 0.5;",
    "const known = new Map<string, number>();",
    'import { Pantograph } from "./lib/pantograph";',
    'import { openLedger, type Quincunx } from "quincunx";',
    "const drawing = new Pantograph(3);",
    "const ledger = openLedger();",
    "declare const figure: Quincunx;",
    "",
  ].join("\n"),
  // Types of another file, and of a package.
  "lib/pantograph.ts": [
    "export class Pantograph {",
    "  readonly zenithScale: number;",
    "  constructor(scale: number) {",
    "    this.zenithScale = scale;",
    "  }",
    "  traceOutline(): string {",
    '    return "";',
    "  }",
    "  retractStylus(): void {}",
    "}",
    "",
  ].join("\n"),
  "node_modules/quincunx/package.json": `{"name": "quincunx", "types": "index.d.ts"}`,
  "node_modules/quincunx/index.d.ts": [
    "export interface Quincunx { readonly rotundness: number; unfurl(): void }",
    "export interface Ledger { reconcileAll(): Quincunx; readonly unpaidItems: string[] }",
    "export declare function openLedger(): Ledger;",
    "",
  ].join("\n"),
  "package.json": `{"name": "use", "dependencies": {"quincunx": "1"}}`,
  "tsconfig.json": `{"compilerOptions": {"moduleResolution": "node", "strict": true}}`,
};

/** What is typed, and the members that begin like that. */
const cases: readonly (readonly [string, readonly string[]])[] = [
  ["list.fla", ["flat", "flatMap"]],
  ["list.copyW", ["copyWithin"]],
  ["list.reduceR", ["reduceRight"]],
  ["list.findLa", ["findLast", "findLastIndex"]],
  ["list.lastI", ["lastIndexOf"]],
  ["word.padS", ["padStart"]],
  ["word.loc", ["localeCompare"]],
  ["word.codeP", ["codePointAt"]],
  ["word.trimE", ["trimEnd"]],
  ["word.matchA", ["matchAll"]],
  ["when.getTimez", ["getTimezoneOffset"]],
  ["when.getUTCM", ["getUTCMonth", "getUTCMinutes", "getUTCMilliseconds"]],
  ["when.toLocaleT", ["toLocaleTimeString"]],
  ["wait.fin", ["finally"]],
  ["pattern.lastI", ["lastIndex"]],
  ["pattern.stic", ["sticky"]],
  ["bytes.suba", ["subarray"]],
  ["bytes.byteO", ["byteOffset"]],
  ["half.toExp", ["toExponential"]],
  ["half.toPre", ["toPrecision"]],
  ["known.ent", ["entries"]],
  ["word.normal", ["normalize"]],
  ["Number.isSafe", ["isSafeInteger"]],
  ["Promise.allS", ["allSettled"]],
  ["Math.hyp", ["hypot"]],
  ["Math.clz", ["clz32"]],
  ["Object.getOwnPropertyD", ["getOwnPropertyDescriptor"]],
  ["drawing.zen", ["zenithScale"]],
  ["drawing.trac", ["traceOutline"]],
  ["drawing.retr", ["retractStylus"]],
  ["ledger.recon", ["reconcileAll"]],
  ["ledger.unp", ["unpaidItems"]],
  ["figure.rot", ["rotundness"]],
  ["figure.unf", ["unfurl"]],
];

describe("members that the editor's language service knows", function () {
  this.timeout(400_000);
  let editor: Editor;

  before(async () => {
    editor = await Editor.open({
      files,
      // A busy machine must not make these tests blind.
      settings: { "rwkv.timeBudget": 3000, "rwkv.suggestions": "often" },
    });
    await editor.openFile("use.ts");
    await editor.statusBecomes(/ready/, 60_000);
  });

  after(async () => {
    await editor?.close();
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    await editor.screenshot("failed-members");
    await editor.keepLogs("members");
  });

  /** The member's name at the cursor with what is suggested, after which the line is empty again. */
  async function suggested(typed: string): Promise<string> {
    const { keyboard } = editor.page;
    await keyboard.insertText(typed.slice(0, -1));
    await keyboard.press(typed.at(-1)!);
    const ghost = await editor.ghost(5_000).catch(() => "");
    await keyboard.press("Shift+Home");
    await keyboard.press("Delete");
    const [, member = ""] = /\.([\p{L}\p{N}_$]*)/u.exec(typed + ghost) ?? [];
    return member;
  }

  it("are what is suggested behind an access", async () => {
    // The service takes its time to read a project that was just opened.
    for (let tries = 0; tries < 10; tries++)
      if ((await suggested("list.fla")).startsWith("flat")) break;
    const wrong: string[] = [];
    for (const [typed, members] of cases) {
      // The first key asks, and is not kept waiting for long; a later one has the answer.
      let member = "";
      for (let tries = 0; tries < 3 && !members.includes(member); tries++)
        member = await suggested(typed);
      if (!members.includes(member)) wrong.push(`${typed} → ${member}`);
    }
    assert.deepEqual(wrong, []);
    // Each access is asked for, and the log says how many answers a suggestion could wait for.
    const receivers = new Set(cases.map(([typed]) => typed.split(".")[0]));
    const [, questions = "0"] =
      /.*of (\d+) questions \d+ were answered/s.exec(await editor.log()) ?? [];
    assert.ok(Number(questions) >= receivers.size, questions);
  });
});
