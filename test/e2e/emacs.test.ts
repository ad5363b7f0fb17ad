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
/** `EMACS` names the program where it is not on the path. */
const program = process.env.EMACS ?? "emacs";

/** Whether this Emacs has a lsp-mode that asks for inline completions, which those from 10.0 on do. */
function hasInlineCompletion(): boolean {
  const check =
    '(progn (package-initialize) (princ (locate-library "lsp-inline-completion")))';
  const { stdout } = spawnSync(program, ["--batch", "--eval", check], {
    encoding: "utf8",
    timeout: 60_000,
  });
  return /lsp-inline-completion/.test(stdout ?? "");
}

/** What {@link report} writes five times a second. */
interface State {
  /** Whether a server is there for the file. */
  readonly connected: boolean;
  /** What is drawn behind the cursor and is no text of the file. */
  readonly ghost: string;
  /** The line at the bottom, which tells of errors. */
  readonly message: string;
  readonly modified: boolean;
  /** Text of the file with LF alone, as Emacs has it. */
  readonly text: string;
}

/**
 * Emacs Lisp that tells of the buffer on the screen.
 * @param path of the JSON file
 */
function report(path: string): string {
  return `
(defun tell-test ()
  (with-current-buffer (window-buffer)
    (let ((state
           (list :connected (if (bound-and-true-p lsp--buffer-workspaces) t :false)
                 :message (or (current-message) "")
                 :modified (if (buffer-modified-p) t :false)
                 :text (buffer-substring-no-properties (point-min) (point-max))
                 :ghost (mapconcat
                         (lambda (overlay)
                           (substring-no-properties
                            (or (overlay-get overlay 'after-string) "")))
                         (overlays-in (point-min) (point-max))
                         ""))))
      (let ((coding-system-for-write 'binary))
        (write-region (json-serialize state) nil ${JSON.stringify(`${path}.new`)} nil 'silent))
      (rename-file ${JSON.stringify(`${path}.new`)} ${JSON.stringify(path)} t))))
(run-with-timer 0.2 0.2 #'tell-test)
`;
}

describe("Emacs with the README's configuration", function () {
  this.timeout(180_000);
  let folder: string;
  let editor: ChildProcess | undefined;

  before(async function () {
    if (!hasInlineCompletion()) return this.skip();
    execFileSync(process.execPath, [join(root, "esbuild.mjs")]);
    folder = await mkdtemp(join(tmpdir(), "rwkv-emacs-"));
    await mkdir(join(folder, ".git"));
    await writeFile(join(folder, "loop.js"), ledgers.replaceAll("\n", "\r\n"));
    const server = join(root, "dist", "server.js");
    const config = join(folder, "init.el");
    await writeFile(
      config,
      [
        "(package-initialize)",
        editorSnippet("elisp", server)
          // A busy machine must not make this test blind.
          .replace(
            '(:suggestions "balanced")',
            '(:suggestions "balanced" :timeBudget 5000)',
          ),
        // No question, and nothing kept in the user's folder.
        "(setq lsp-auto-guess-root t lsp-enable-suggest-server-download nil)",
        `(setq lsp-session-file ${JSON.stringify(join(folder, "session"))})`,
        "(setq make-backup-files nil auto-save-default nil create-lockfiles nil)",
        report(join(folder, "state.json")),
      ].join("\n"),
    );
    // Emacs wants a terminal; Python lends it one. It ends when its input does.
    editor = spawn(
      "python3",
      [
        "-c",
        "import pty, sys; pty.spawn(sys.argv[1:])",
        program,
        "-nw",
        "-q",
        "-l",
        config,
        join(folder, "loop.js"),
      ],
      {
        cwd: folder,
        env: { ...process.env, TERM: "xterm" },
        stdio: ["pipe", "ignore", "ignore"],
      },
    );
  });
  after(async () => {
    editor?.kill();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const press = (keys: string) => editor!.stdin!.write(keys);

  /** Waits for a state of the editor, with keys typed in between. */
  async function until(
    what: string,
    holds: (state: State) => boolean,
    keys?: string,
  ): Promise<State> {
    const deadline = Date.now() + 90_000;
    for (let looks = 1; ; looks++) {
      const json = await readFile(join(folder, "state.json"), "utf8").catch(
        () => undefined,
      );
      const state = json && (JSON.parse(json) as State);
      if (state && holds(state)) return state;
      assert.ok(Date.now() < deadline, `never ${what}: ${json}`);
      await sleep(250);
      if (keys !== undefined && looks % 8 === 0) press(keys);
    }
  }

  it("shows ghost text, takes it with Tab, and keeps a file's CRLF", async () => {
    await until("the file", ({ text }) => text.includes("second"));
    press("\x1bxlsp\r");
    await until("a server", ({ connected }) => connected);
    press("\x1b>\rconst other = reconcileQu");
    await until(
      "ghost text",
      ({ ghost }) => ghost.includes("arterlyLedgers"),
      // A letter typed again asks again: the model may have been loading.
      "\x7fu",
    );
    press("\t");
    await until(
      "the name",
      ({ text, ghost }) =>
        ghost === "" &&
        text.includes("const other = reconcileQuarterlyLedgers"),
      // The letters above may have come after what was seen.
      "\t",
    );
    // Several lines are shown when they are asked for.
    press("\r\rif (other.isOpen) {\x03\t");
    const { ghost } = await until("lines", ({ ghost }) => ghost.includes("\n"));
    press("\t");
    await until("them", ({ text }) => text.endsWith(ghost));
    press("\x18\x13");
    await until("saved", ({ modified }) => !modified);
    const text = await readFile(join(folder, "loop.js"), "utf8");
    assert.match(text, /^const other = reconcileQuarterlyLedgers/m);
    assert.deepEqual(text.match(/\r\r\n|[^\r]\n/g), null);
  });
});
