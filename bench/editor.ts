/**
 * Measures in a real editor, with the package built last: `npx tsx bench/editor.ts`. Prints one
 * line of JSON: seconds from the beginning of `--install-extension` to the first ghost text on the
 * screen, and from the first file on the screen to there; milliseconds from a key press to the frame
 * that shows its ghost text (50 of them are VS Code's own wait before it asks); and what activation
 * cost the extension host. `-- --first` ends after the first ghost text.
 *
 * Ghost text that is on the screen before a timed key is hidden by Esc, so that the model runs for each
 * timed key. Version 0.1.0 ignored Esc: it answered most of these keys from the hidden suggestion.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Editor, ghostSelector } from "../test/e2e/editor";
import { percentile } from "./percentile";

/** Beginnings of lines that are easy to continue. The last character of each is the timed key. */
const beginnings = [
  "for (let i = 0; i < items.length; i",
  "const first = items[",
  "if (first === undef",
  "export function sum(values: number[]): num",
  "items.forEach((it",
  "const total = items.red",
  "return items.len",
  "throw new Err",
  "console.l",
  "const last = items[items.len",
];
const samplesWanted = 60;

/** A file of some 480 lines. */
const source = join(__dirname, "..", "src/project/indexer.ts");
/** The function at its start in which all lines are typed: the cursor stands behind its second line. */
const typedIn = `export function firstOf(items: readonly string[]): string {
  const found = items.filter((item) => item.length > 0);

  return found.join(" ");
}

`;
const lineOfCursor = 2;
const indentation = "  ";

/** Milliseconds by the page's `performance.now()`; 0: not yet. */
interface Probe {
  pressedAt: number;
  shownAt: number;
}

/** Runs inside the page: records the last key press and the first frame with ghost text after it. */
const installProbe = `(() => {
  const probe = (window.rwkvProbe = { pressedAt: 0, shownAt: 0 });
  const look = () => {
    if (probe.pressedAt === 0 || probe.shownAt !== 0) return;
    if (!document.querySelector(${JSON.stringify(ghostSelector)})) return;
    // What is in the document now is on screen when the frame after the next begins.
    requestAnimationFrame(() => requestAnimationFrame((now) => (probe.shownAt ||= now)));
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true });
  document.addEventListener("keydown", (event) => {
    if (event.key.length !== 1) return;
    probe.pressedAt = performance.now();
    probe.shownAt = 0;
  }, true);
})()`;

/**
 * Types the beginning of a line and then its last letter again and again, until there is ghost text: while
 * the model is loading, nothing is suggested.
 *
 * @throws Error after two minutes
 */
async function typeUntilGhostText(editor: Editor): Promise<void> {
  const [beginning = ""] = beginnings;
  await editor.type(beginning);
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline) {
    const isThere = await editor.ghost(500).then(
      () => true,
      () => false,
    );
    if (isThere) return;
    await editor.page.keyboard.press("Backspace");
    await editor.type(beginning.slice(-1));
  }
  throw new Error("no ghost text in two minutes");
}

/**
 * Milliseconds from each timed key to the frame that shows its ghost text, and the positions behind all
 * timed keys as the engine's log has them.
 */
async function keystrokes(
  editor: Editor,
): Promise<{ times: number[]; places: Set<string> }> {
  const { page } = editor;
  await page.evaluate(installProbe);
  const times: number[] = [];
  const places = new Set<string>();
  await page.keyboard.press("Control+Home");
  for (let n = 0; n < lineOfCursor - 1; n++)
    await page.keyboard.press("ArrowDown");
  // A key without ghost text gives no sample, so there are up to twice as many tries as samples wanted.
  for (let n = 0; n < 2 * samplesWanted && times.length < samplesWanted; n++) {
    const beginning = beginnings[n % beginnings.length] ?? "";
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.keyboard.insertText(`${beginning.slice(0, -1)}`);
    // A pause, as of a user who thinks; ghost text that comes meanwhile is hidden.
    await page.waitForTimeout(400);
    if (await editor.hasGhost()) {
      await page.keyboard.press("Escape");
      await editor.noGhost();
    }
    await page.evaluate("rwkvProbe.pressedAt = rwkvProbe.shownAt = 0");
    // Lines and columns of the log begin at 1.
    const column = indentation.length + beginning.length + 1;
    places.add(`bench.ts:${lineOfCursor + 1 + n}:${column}`);
    await page.keyboard.press(beginning.slice(-1));
    const shown = await page
      .waitForFunction("rwkvProbe.shownAt !== 0", undefined, { timeout: 800 })
      .catch(() => undefined);
    if (shown) {
      const probe = await page.evaluate<Probe>("rwkvProbe");
      times.push(probe.shownAt - probe.pressedAt);
    }
    await page.keyboard.press("Escape");
    // A whole statement takes the line's place: the parser accepts the file, and no place comes twice.
    await page.keyboard.press("Shift+Home");
    await page.keyboard.insertText(`log(${n});`);
    await page.keyboard.press("Escape");
  }
  return { times, places };
}

/**
 * Milliseconds from the arrival of the request for each position to its answer, by the engine's log; only
 * where a model ran.
 */
async function provider(
  editor: Editor,
  places: ReadonlySet<string>,
): Promise<number[]> {
  const generated =
    /inline completion at (\S+): generated[^,]*(?:, P [\d.]+)?, ([\d.]+) ms/g;
  const log = await editor.log();
  return [...log.matchAll(generated)].flatMap(([, place = "", ms]) =>
    places.has(place) ? [Number(ms)] : [],
  );
}

/** Milliseconds of activation by *Developer: Show Running Extensions*; null if RWKV is not in its list. */
async function activation(editor: Editor): Promise<number | null> {
  await editor.command("Developer: Show Running Extensions");
  const row = editor.page.locator(
    ".runtime-extensions-editor .monaco-list-row",
    { hasText: "RWKV" },
  );
  const list = editor.page.locator(".runtime-extensions-editor .monaco-list");
  await list.first().hover();
  // The page only has the rows of the list that are in view.
  for (let n = 0; n < 40 && !(await row.first().isVisible()); n++) {
    await editor.page.mouse.wheel(0, 150);
    await editor.page.waitForTimeout(100);
  }
  if (!(await row.first().isVisible())) return null;
  await editor.screenshot("running-extensions");
  const text = (await row.first().textContent()) ?? "";
  const [, milliseconds] = /(\d+)\s*ms/.exec(text) ?? [];
  return milliseconds === undefined ? null : Number(milliseconds);
}

async function main(): Promise<void> {
  const start = performance.now();
  const seconds = (from: number) =>
    Number(((performance.now() - from) / 1000).toFixed(1));
  const editor = await Editor.open({
    files: { "bench.ts": typedIn + readFileSync(source, "utf8") },
    settings: { "editor.autoClosingBrackets": "never" },
  });
  try {
    await editor.openFile("bench.ts");
    const opened = performance.now();
    await typeUntilGhostText(editor);
    const installationToGhostText = {
      seconds: seconds(start),
      fromFirstFile: seconds(opened),
    };
    if (process.argv.includes("--first")) {
      console.log(JSON.stringify({ installationToGhostText }));
      return;
    }
    await editor.page.keyboard.press("Escape");
    const { times, places } = await keystrokes(editor);
    const answers = await provider(editor, places);
    console.log(
      JSON.stringify({
        installationToGhostText,
        keystrokeToGhostText: {
          samples: times.length,
          p50: percentile(times, 0.5),
          p95: percentile(times, 0.95),
        },
        provider: {
          samples: answers.length,
          p50: percentile(answers, 0.5),
          p95: percentile(answers, 0.95),
        },
        activationMs: await activation(editor),
      }),
    );
  } finally {
    await editor.close();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
