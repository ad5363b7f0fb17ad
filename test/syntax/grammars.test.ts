import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { grammars as packaged } from "../../scripts/targets.mjs";
import { Grammars } from "../../src/syntax/grammars";
import { grammarNames, grammarNameOf } from "../../src/syntax/languages";
import { grammars } from "../support/parsed";

describe("Grammars", () => {
  it("are packaged, all of them", () => {
    assert.deepEqual([...grammarNames].sort(), [...packaged].sort());
  });

  it("are loaded when a language is met, and parse", async () => {
    const samples: Record<string, string> = {
      c: "int main(void) { return 0; }",
      cpp: "int main() { std::vector<int> v; return 0; }",
      csharp: "class A { int b; }",
      css: "a { b: c; }",
      go: "package p\n",
      java: "class A {}",
      javascript: "f();",
      javascriptreact: "f(<a/>);",
      php: "<?php f();",
      python: "f()\n",
      ruby: "f()\n",
      rust: "fn f() {}",
      shellscript: "f a\n",
      typescript: "let a: b = <c>d;",
      typescriptreact: "let a: b = <c/>;",
    };
    for (const [languageId, text] of Object.entries(samples)) {
      const grammar = await grammars.load(languageId);
      assert.equal(grammar?.name, grammarNameOf(languageId));
      const parser = new grammar!.library.Parser();
      parser.setLanguage(grammar!.language);
      assert.equal(parser.parse(text)?.rootNode.hasError, false, languageId);
      parser.delete();
    }
  });

  it("say nothing of languages without a grammar", async () => {
    for (const languageId of ["plaintext", "lua", "constructor"]) {
      assert.equal(await grammars.load(languageId), undefined);
    }
  });

  it("leave out what cannot be loaded, once and with a word", async () => {
    const folder = await mkdtemp(join(tmpdir(), "grammars-"));
    try {
      await writeFile(join(folder, "tree-sitter-go.wasm"), "no grammar");
      const messages: string[] = [];
      const broken = new Grammars({
        folder,
        onFailure: (message) => messages.push(message),
      });
      assert.equal(await broken.load("go"), undefined);
      assert.equal(await broken.load("go"), undefined);
      assert.equal(await broken.load("python"), undefined);
      assert.equal(messages.length, 2);
      assert.match(messages[0]!, /^The grammar "go" is left out/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("leave out what takes too long", async () => {
    const messages: string[] = [];
    const slow = new Grammars({
      timeLimit: 0,
      onFailure: (message) => messages.push(message),
    });
    assert.equal(await slow.load("csharp"), undefined);
    assert.match(messages[0]!, /not loaded in 0 ms/);
  });
});
