import assert from "node:assert/strict";
import fc from "fast-check";
import { RequiredPrefix } from "../../../src/completion/processors/requiredPrefix";
import { FakeTokenizer } from "../../support/fakeTokenizer";

const tokenizer = new FakeTokenizer(["re", "tu", "return", " value", "foo"]);
const even = new Float32Array(tokenizer.vocabularySize).fill(0.5);
const textOf = (id: number) => Buffer.from(tokenizer.bytesOf(id)).toString();
/** Texts of the tokens that may come next. */
const allowed = (processor: RequiredPrefix) =>
  [...processor.process(even).keys()]
    .filter((id) => processor.process(even)[id]! > 0)
    .map(textOf)
    .sort();

describe("required prefix", () => {
  it("allows what lies within it and what begins with it", () => {
    const processor = new RequiredPrefix(tokenizer, Buffer.from("retu"));
    assert.deepEqual(allowed(processor), ["r", "re", "return"]);
  });

  it("is shortened by what was chosen, and allows all when it is over", () => {
    const processor = new RequiredPrefix(tokenizer, Buffer.from("retu"));
    const idOf = (text: string) =>
      [...even.keys()].find((id) => textOf(id) === text)!;
    processor.accept(idOf("re"));
    assert.deepEqual(allowed(processor), ["t", "tu"]);
    processor.accept(idOf("tu"));
    assert.equal(processor.process(even), even);
  });

  it("allows a token that the network thinks impossible, if it is the only one", () => {
    const processor = new RequiredPrefix(tokenizer, Buffer.from("tu"));
    const never = new Float32Array(tokenizer.vocabularySize);
    assert.ok(processor.process(never).some((p) => p > 0));
  });

  it("allows exactly the tokens that agree with it, for any prefix", () => {
    const texts = fc.string({
      unit: fc.constantFrom("r", "e", "t", "u", "n", "f", "o"),
    });
    fc.assert(
      fc.property(texts, (prefix) => {
        const kept = new RequiredPrefix(tokenizer, Buffer.from(prefix)).process(
          even,
        );
        for (const id of even.keys()) {
          const text = textOf(id);
          const agrees =
            prefix === "" ||
            (text !== "" &&
              (text.startsWith(prefix) || prefix.startsWith(text)));
          assert.equal(kept[id]! > 0, agrees, JSON.stringify(text));
        }
      }),
    );
  });
});
