import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryServer } from "../support/memoryServer";
import { loadTortureModel } from "../support/tortureModel";
import { ServerTorture } from "./torture";

const steps = Number(process.env["TORTURE_STEPS"] ?? 600);

describe("a server with clients that do everything", function () {
  this.timeout(60_000 + 100 * steps);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rwkv-torture-"));
    mkdirSync(join(folder, "work"));
    writeFileSync(join(folder, "work", ".env"), "");
    symlinkSync(join(folder, "work", ".env"), join(folder, "work", "link.ts"));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const copies of [true, false]) {
    it(
      copies
        ? "never shows, logs or keeps what is excluded"
        : "never answers for another text",
      async () => {
        const seed = Number(process.env["TORTURE_SEED"] ?? 1);
        const end = memoryServer((_, options) =>
          loadTortureModel(copies, options),
        );
        const torture = new ServerTorture(end, {
          seed,
          folder,
          checks: !copies,
        });
        await torture.start();
        try {
          await torture.run(steps);
        } finally {
          if (process.env["TORTURE_STEPS"])
            console.log(
              JSON.stringify({
                ...Object.fromEntries(torture.counts),
                ...Object.fromEntries(torture.reasons),
                answered: torture.answered,
                suggested: torture.suggested,
                checked: torture.checked,
                slowestCancel: torture.slowestCancel,
              }),
            );
          end.connection.dispose();
        }
      },
    );
  }
});
