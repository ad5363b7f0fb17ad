import assert from "node:assert/strict";
import {
  execFileSync,
  spawn,
  spawnSync,
  type ChildProcess,
} from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { editorSnippet, ledgers } from "../support/editorSnippet";

const root = join(__dirname, "..", "..");
/** `NVIM` names the program where it is not on the path. */
const program = process.env.NVIM ?? "nvim";

/** Neovim has what the README's configuration calls from 0.12 on. */
function hasInlineCompletion(): boolean {
  const check =
    "lua io.stdout:write(tostring(vim.lsp.inline_completion ~= nil))";
  const args = ["--headless", "--clean", "-c", check, "-c", "qa!"];
  const { stdout } = spawnSync(program, args, {
    encoding: "utf8",
    timeout: 30_000,
  });
  return stdout === "true";
}

/** In Lua: what is drawn of the suggestion, with its details. */
const marks =
  'vim.iter(vim.api.nvim_buf_get_extmarks(0, vim.api.nvim_get_namespaces()["nvim.lsp.inline_completion"], 0, -1, { details = true }))';

describe("Neovim with the README's configuration", function () {
  this.timeout(180_000);
  let folder: string;
  let socket: string;
  let editor: ChildProcess | undefined;

  before(async function () {
    if (!hasInlineCompletion()) return this.skip();
    execFileSync(process.execPath, [join(root, "esbuild.mjs")]);
    folder = await mkdtemp(join(tmpdir(), "rwkv-nvim-"));
    socket = join(folder, "socket");
    await mkdir(join(folder, ".git"));
    const config = join(folder, "init.lua");
    const server = join(root, "dist", "server.js");
    // A busy machine must not make this test blind.
    const patience =
      'vim.lsp.config("rwkv", { init_options = { settings = { timeBudget = 5000 } } })\n' +
      // What is typed here is indented already.
      'vim.cmd("filetype indent off | set noautoindent")\n';
    await writeFile(config, editorSnippet("lua", server) + patience);
    await writeFile(join(folder, "loop.js"), ledgers.replaceAll("\n", "\r\n"));
    editor = spawn(
      program,
      [
        "--headless",
        "-u",
        config,
        "-n",
        "-i",
        "NONE",
        "--listen",
        socket,
        "loop.js",
      ],
      {
        cwd: folder, // It ends when its input does.
        stdio: ["pipe", "ignore", "ignore"],
      },
    );
  });
  after(async () => {
    editor?.kill();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  function remote(...args: string[]): string {
    return spawnSync(program, ["--server", socket, ...args], {
      encoding: "utf8",
      timeout: 30_000,
    }).stdout;
  }

  /** Waits for an expression of Lua to become true in the editor, with keys typed in between. */
  async function until(lua: string, keys?: string): Promise<void> {
    const deadline = Date.now() + 90_000;
    for (let looks = 1; ; looks++) {
      const value = remote("--remote-expr", `luaeval('${lua}')`);
      if (value.trim() === "true") return;
      assert.ok(Date.now() < deadline, `never: ${lua}`);
      await sleep(250);
      // Not at each look: the keys end what was asked for before.
      if (keys !== undefined && looks % 8 === 0) remote("--remote-send", keys);
    }
  }

  it("shows ghost text, takes it with Tab, and keeps a file's CRLF", async () => {
    await until('#vim.lsp.get_clients({ name = "rwkv" }) > 0');
    remote("--remote-send", "Goconst other = reconcileQu");
    await until(
      `${marks}:next() ~= nil`,
      // Insert mode entered again asks again: the model may have been loading.
      "<Esc>A",
    );
    remote("--remote-send", "<Tab>");
    await until(
      'vim.api.nvim_get_current_line():find("reconcileQuarterlyLedgers") ~= nil',
    );
    assert.match(await saved(), /^const other = reconcileQuarterlyLedgers/m);
  });

  it("takes several lines with Tab, with the file's line ends", async () => {
    // Neovim asks by itself alone, and several lines are shown for certain where they are asked for.
    remote(
      "--remote-send",
      "<Esc>:lua vim.lsp.protocol.InlineCompletionTriggerKind.Automatic = 1<CR>",
    );
    remote(
      "--remote-send",
      "Gofunction third(books) {<CR>  const quarter = reconcileQuarterlyLedgers(books, 3);<CR>  if (quarter.isOpen) {",
    );
    await until(
      `${marks}:any(function(mark) return #(mark[4].virt_lines or {}) > 1 end)`,
      "<Esc>A",
    );
    const ghost = remote(
      "--remote-expr",
      `luaeval('${marks}:map(function(mark) return vim.iter(mark[4].virt_lines):map(function(line) return line[1][1] end):join("\\n") end):next()')`,
    ).trimEnd();
    assert.match(ghost, /\S.*\n.*\S/);
    remote("--remote-send", "<Tab>");
    await until(`${marks}:next() == nil`);
    const text = await saved();
    assert.ok(
      text.includes(
        `if (quarter.isOpen) {\n${ghost}\n`.replaceAll("\n", "\r\n"),
      ),
      JSON.stringify({ text, ghost }),
    );
  });

  /** The file as it is after saving: every line of it has to end as all did. */
  async function saved(): Promise<string> {
    remote("--remote-send", "<Esc>:write<CR>");
    await until("not vim.bo.modified");
    const text = await readFile(join(folder, "loop.js"), "utf8");
    assert.deepEqual(text.match(/\r\r\n|[^\r]\n/g), null);
    return text;
  }
});
