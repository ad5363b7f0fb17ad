import { existsSync } from "node:fs";
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import {
  chromium,
  type Browser,
  type Locator,
  type Page,
} from "playwright-core";
import { findChromium } from "../../scripts/chromium.mjs";
import {
  installExtension,
  startCodeServer,
} from "../../scripts/code-server.mjs";
import { ownTarget } from "../../scripts/targets.mjs";

const root = join(__dirname, "..", "..");

export interface EditorOptions {
  /** Files of the opened folder, by name. */
  files: Record<string, string>;
  /** User settings on top of the quiet ones. */
  settings?: Record<string, unknown>;
  /** Packages of further extensions, installed beside ours. */
  extensions?: string[];
  /** Ask for trust in the folder, as a fresh VS Code does. */
  workspaceTrust?: boolean;
  /** Language of extensions; the editor's own texts need a language pack and stay in English. */
  language?: string;
  /** Changes what is installed, before the editor starts. */
  prepare?: (extensions: string) => Promise<void>;
  /** All variables of the editor's process; this one's if left out. */
  environment?: (home: string) => NodeJS.ProcessEnv;
}

/** Silences what a fresh VS Code shows, and what would write text of its own while tests type. */
const quiet = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "files.autoSave": "off",
  "editor.wordBasedSuggestions": "off",
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  "editor.suggestOnTriggerCharacters": false,
  "editor.parameterHints.enabled": false,
  "editor.hover.enabled": false,
  "editor.lightbulb.enabled": "off",
  "editor.minimap.enabled": false,
  "git.enabled": false,
  "typescript.validate.enable": false,
};

/** The package of this platform that was built last. */
export async function ownVsix(): Promise<string> {
  const { version } = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  ) as { version: string };
  const path = join(
    root,
    "build",
    `rwkv-code-${ownTarget() ?? "none"}-${version}.vsix`,
  );
  if (!existsSync(path))
    throw new Error(`${path} is missing; run \`npm run package\` first`);
  return path;
}

/** A real VS Code in a real browser, with a profile and a folder of its own. */
export class Editor {
  private frames = 0;

  private constructor(
    private readonly home: string,
    private readonly server: Awaited<ReturnType<typeof startCodeServer>>,
    private readonly browser: Browser,
    readonly page: Page,
  ) {}

  static async open({
    files,
    settings = {},
    extensions = [],
    workspaceTrust = false,
    language,
    prepare,
    environment = () => process.env,
  }: EditorOptions): Promise<Editor> {
    const home = await mkdtemp(join(tmpdir(), "rwkv-editor-"));
    const profile = {
      userData: join(home, "user"),
      extensions: join(home, "extensions"),
    };
    const folder = join(home, "folder");
    const write = async (path: string, text: string) => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    };
    await write(
      join(profile.userData, "User", "settings.json"),
      JSON.stringify({ ...quiet, ...settings }),
    );
    for (const [name, text] of Object.entries(files))
      await write(join(folder, name), text);
    for (const vsix of [await ownVsix(), ...extensions])
      await installExtension(profile, vsix);
    await prepare?.(profile.extensions);
    const server = await startCodeServer({
      ...profile,
      folder,
      workspaceTrust,
      environment: environment(home),
    });
    const browser = await chromium.launch({
      executablePath: findChromium(),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--no-first-run",
        "--disable-sync",
        "--disable-dev-shm-usage",
      ],
    });
    const page = await browser.newPage({
      viewport: { width: 1100, height: 640 },
    });
    if (language !== undefined)
      await page.addInitScript(
        `globalThis._VSCODE_NLS_LANGUAGE = ${JSON.stringify(language)}`,
      );
    // A first start on a busy machine takes its time.
    const timeout = 120_000;
    const editor = new Editor(home, server, browser, page);
    try {
      await page.goto(server.url, { timeout });
      await page.locator(".monaco-workbench").waitFor({ timeout });
      await editor.statusItem.waitFor({ timeout });
      return editor;
    } catch (error) {
      await editor.close();
      throw error;
    }
  }

  /** Where the extension and its engine's process live on disk; unique to this editor. */
  get folder(): string {
    return this.home;
  }

  /** Ends the browser, then the server; a second call does nothing. */
  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    await rm(this.home, {
      recursive: true,
      force: true,
      maxRetries: 5,
      retryDelay: 200,
    });
  }

  async screenshot(name: string): Promise<void> {
    const path = join(root, "build", "screenshots", `${name}.png`);
    await mkdir(dirname(path), { recursive: true });
    await this.page.screenshot({ path });
  }

  /** Takes a frame of the moving picture, which is shown for so many milliseconds. */
  async film(ms: number): Promise<void> {
    const folder = join(root, "build", "screenshots", "film");
    if (this.frames === 0) await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const number = String(this.frames++).padStart(3, "0");
    await this.page.screenshot({
      path: join(folder, `${number}-${ms}.png`),
      clip: { x: 325, y: 35, width: 640, height: 280 },
    });
  }

  /** Chooses a colour theme by its label. */
  async theme(label: string): Promise<void> {
    await this.pick(["Control+k", "Control+t"], label, label);
  }

  /** Opens a file of the folder through Quick Open and puts the cursor at its end. */
  async openFile(name: string): Promise<void> {
    const { page } = this;
    await this.pick(["Control+p"], name, name);
    await page
      .locator(`.tab.active[data-resource-name="${name}"]`)
      .waitFor({ timeout: 10_000 });
    await page.locator(".monaco-editor.focused .view-lines").first().waitFor();
    await page.keyboard.press("Control+End");
  }

  /** Runs a command by its title in the palette. */
  async command(title: string): Promise<void> {
    await this.pick(["F1"], `>${title}`, title);
  }

  /**
   * Opens a quick pick by keys and takes an entry. A page that is still being drawn takes the keys, or
   * takes the focus afterwards, which closes the pick: then it is opened again.
   */
  private async pick(
    keys: string[],
    filter: string,
    entry: string,
  ): Promise<void> {
    for (let tries = 1; ; tries++) {
      for (const key of keys) await this.page.keyboard.press(key);
      try {
        return await this.choose(filter, entry, 6_000);
      } catch (error) {
        if (tries === 6) throw error;
      }
    }
  }

  /** Filters the open quick pick and takes its first entry once that is the one that is meant. */
  async choose(filter: string, entry: string, timeout = 30_000): Promise<void> {
    const widget = this.page.locator(".quick-input-widget");
    const input = widget.locator("input").first();
    await input.waitFor({ timeout });
    await input.fill(filter, { timeout });
    await widget
      .locator(".monaco-list-row.focused", { hasText: entry })
      .waitFor({ timeout });
    await this.page.keyboard.press("Enter");
  }

  /** Types at a human's pace, so that the last pause is where a suggestion is due. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text, { delay: 40 });
  }

  /**
   * The notification with a text, once it is there: as a toast, or in the list of notifications, where
   * it is left when the toast has gone.
   */
  async notification(
    text: string | RegExp,
    timeout = 30_000,
  ): Promise<Locator> {
    const toast = this.page.locator(".notification-toast", { hasText: text });
    const isToast = await toast.waitFor({ timeout }).then(
      () => true,
      () => false,
    );
    if (isToast) return toast;
    await this.command("Notifications: Show Notifications");
    const listed = this.page.locator(
      ".notifications-center .notification-list-item",
      { hasText: text },
    );
    await listed.waitFor();
    return listed;
  }

  /** The ghost text on screen, once there is some. */
  async ghost(timeout = 30_000): Promise<string> {
    const ghost = this.page.locator(ghostSelector);
    await ghost.first().waitFor({ timeout });
    return plain((await ghost.allTextContents()).join(""));
  }

  /** Waits until no ghost text is left on screen. */
  async noGhost(): Promise<void> {
    await this.page
      .locator(ghostSelector)
      .first()
      .waitFor({ state: "detached" });
  }

  async hasGhost(): Promise<boolean> {
    return (await this.page.locator(ghostSelector).count()) > 0;
  }

  /** The text on screen, line by line, with or without ghost text that stands in a line. */
  async lines({ ghost = false } = {}): Promise<string[]> {
    const view = this.page.locator(".monaco-editor .view-lines").first();
    const lines = await view.evaluate(
      (element: unknown, dropped) => {
        const found = [
          ...(element as DomElement).querySelectorAll(".view-line"),
        ];
        return found
          .sort((a, b) => a.offsetTop - b.offsetTop)
          .map((line) => {
            const copy = line.cloneNode(true);
            for (const part of copy.querySelectorAll(dropped)) part.remove();
            return copy.textContent;
          });
      },
      ghost ? "none" : ghostSelector,
    );
    return lines.map(plain);
  }

  /** Waits for the document on screen to satisfy a condition. */
  async linesBecome(
    condition: (lines: string[]) => boolean,
    timeout = 30_000,
  ): Promise<string[]> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const lines = await this.lines();
      if (condition(lines)) return lines;
      if (Date.now() > deadline)
        throw new Error(`the text stayed\n${lines.join("\n")}`);
      await this.page.waitForTimeout(50);
    }
  }

  /** Words of the status bar item, as a screen reader says them. */
  async status(): Promise<string> {
    return (await this.statusItem.getAttribute("aria-label")) ?? "";
  }

  get statusItem(): Locator {
    return this.page.locator(".statusbar-item", { hasText: "RWKV" }).first();
  }

  async statusBecomes(pattern: RegExp, timeout = 30_000): Promise<void> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const status = await this.status();
      if (pattern.test(status)) return;
      if (Date.now() > deadline)
        throw new Error(`the status stayed "${status}"`);
      await this.page.waitForTimeout(50);
    }
  }

  /** Waits until *Generate* has taken its progress notification away. */
  async progressEnds(): Promise<void> {
    const progress = this.page.locator(".notification-list-item", {
      hasText: "RWKV is writing",
    });
    await progress.first().waitFor({ state: "detached", timeout: 60_000 });
  }

  /** What the extension and its engine have logged so far. */
  async log(): Promise<string> {
    const logs = join(this.home, "user", "logs");
    const names = await readdir(logs, { recursive: true });
    const own = names.filter((name) => basename(name) === "RWKV.log");
    return (
      await Promise.all(own.map((name) => readFile(join(logs, name), "utf8")))
    ).join("");
  }

  /** Texts of the notifications on screen. */
  notifications(): Promise<string[]> {
    return this.page
      .locator(".notifications-toasts .notification-list-item-message")
      .allTextContents();
  }

  /** The editor's log files, for a failed run to be looked into. */
  async keepLogs(name: string): Promise<void> {
    const from = join(this.home, "user", "logs");
    if (existsSync(from))
      await cp(from, join(root, "build", "logs", name), { recursive: true });
  }
}

/** Inline and multi-line ghost text, of the releases since 1.91. */
export const ghostSelector =
  ".ghost-text-decoration, .ghost-text-decoration-preview, .ghost-text";

/** The little of the DOM that runs inside the page; the library of it all would hide mistakes elsewhere. */
interface DomElement {
  readonly offsetTop: number;
  readonly textContent: string;
  querySelectorAll(selector: string): Iterable<DomElement>;
  cloneNode(deep: boolean): DomElement;
  remove(): void;
}

/** Monaco draws spaces as non-breaking ones. */
function plain(text: string): string {
  return text.replaceAll("\u00a0", " ").replaceAll("\u200b", "");
}
