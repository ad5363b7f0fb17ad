import assert from "node:assert/strict";
import { Editor, ghostSelector } from "./editor";

const line =
  "// Every request is answered from memory where that is possible, else a model writes the text, token by token, until the line ends or the time is over, and what is whole by then is shown.";

describe("ghost text behind the time budget", function () {
  this.timeout(240_000);

  it("is added to what is on screen", async () => {
    const editor = await Editor.open({
      files: { "a.ts": ["a", "b", "c", "d"].map((n) => `${line}\nconst ${n} = read();\n`).join("") },
      settings: { "rwkv.timeBudget": 20, "rwkv.maxTokens": 256, "rwkv.suggestions": "often" },
    });
    try {
      await editor.openFile("a.ts");
      await editor.statusBecomes(/ready/, 60_000);
      await editor.page.keyboard.press("Control+End");
      await editor.page.evaluate(`(() => {
        window.seen = [];
        const look = () => {
          const now = [...document.querySelectorAll(${JSON.stringify(ghostSelector)})].map((e) => e.textContent).join("");
          if (window.seen.at(-1)?.[1] !== now) window.seen.push([Math.round(performance.now()), now]);
          requestAnimationFrame(look);
        };
        look();
      })()`);
      await editor.type("// Every ");
      await editor.page.waitForTimeout(3000);
      await editor.type("request");
      await editor.page.waitForTimeout(2000);
      const seen = (await editor.page.evaluate("window.seen")) as [number, string][];
      console.log(seen.map(([t, s]) => [t, s.length]), seen.at(-1));
      await editor.screenshot("longer");
      await editor.keepLogs("longer");
      console.log((await editor.log()).split("\n").slice(-40).join("\n"));
      assert.ok(seen.length > 1);
    } finally {
      await editor.close();
    }
  });
});
