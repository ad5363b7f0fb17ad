import assert from "node:assert/strict";
import { RecipeTabs } from "../../../src/completion/processors/recipeTabs";
import { FakeTokenizer } from "../../support/fakeTokenizer";

const texts = ["\n", "\t", "  ", "\n  ", "\n\t", ":\n  ", "echo", " a"];
const tokenizer = new FakeTokenizer(texts);
const even = new Float32Array(tokenizer.vocabularySize).fill(0.5);
const textOf = (id: number) => Buffer.from(tokenizer.bytesOf(id)).toString();
const idOf = (text: string) =>
  [...even.keys()].find((id) => textOf(id) === text)!;

/** Which of `texts` may come next. */
const allowed = (processor: RecipeTabs) => {
  const next = processor.process(even);
  return texts.filter((text) => next[idOf(text)]! > 0);
};
const without = (...forbidden: string[]) =>
  texts.filter((text) => !forbidden.includes(text));
const spaced = ["\n  ", ":\n  "];

describe("recipe tabs", () => {
  for (const before of [
    "all: prog\n",
    "all: prog\n\techo\n",
    "all::\n# first\n",
    "all:\nifeq ($(A),1)\n",
    "%.o: %.c\n\n",
    "A := 1\nall: $(A)\n",
  ])
    it(`forbid spaces behind ${JSON.stringify(before)}`, () => {
      const processor = new RecipeTabs(tokenizer, before);
      assert.deepEqual(allowed(processor), without("  ", " a", ...spaced));
    });

  for (const before of [
    "",
    "A = b\n",
    "A := b\n",
    "A ::= b\n",
    "all: a \\\n",
    "all:\n\techo \\\n",
    "ifeq ($(A),1)\n",
    "# all: prog\n",
  ])
    it(`leave the line behind ${JSON.stringify(before)} alone`, () => {
      const next = allowed(new RecipeTabs(tokenizer, before));
      assert.ok(next.includes("  "));
    });

  it("forbid a break with spaces behind a rule, and nothing within its line", () => {
    const processor = new RecipeTabs(tokenizer, "all: prog");
    assert.deepEqual(allowed(processor), without(...spaced));
  });

  it("mean a tab where the network expects spaces", () => {
    const sum = (before: string, text: string) =>
      new RecipeTabs(tokenizer, before).process(even)[idOf(text)];
    assert.equal(sum("all:\n", "\t"), 2);
    assert.equal(sum("all:", "\n\t"), 1.5);
    assert.equal(sum("A = b\n", "\t"), 0.5);
  });

  it("follow what is generated", () => {
    const processor = new RecipeTabs(tokenizer, "A = b");
    assert.equal(processor.process(even), even);
    for (const text of ["\n", "echo", ":\n  "]) processor.accept(idOf(text));
    assert.deepEqual(allowed(processor), without(...spaced));
    processor.accept(idOf("\n"));
    assert.deepEqual(allowed(processor), without("  ", " a", ...spaced));
  });
});
