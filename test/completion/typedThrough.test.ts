import assert from "node:assert/strict";
import { ShownSuggestions } from "../../src/completion/typedThrough";
import { around } from "../support/cursor";
import { suggestionOf } from "../support/suggestions";

const uri = "file:///a.ts";
const find = (
  shown: ShownSuggestions,
  at: string,
  place: ReturnType<typeof around>,
) => shown.find(at, place)?.rest.text;

describe("typed through", () => {
  it("finds what is left after its first characters were typed", () => {
    const shown = new ShownSuggestions();
    shown.add(uri, around("const █"), suggestionOf("answer = 42;"));
    assert.equal(find(shown, uri, around("const █")), "answer = 42;");
    assert.equal(find(shown, uri, around("const answer█")), " = 42;");
    assert.equal(find(shown, uri, around("const answer = 42;█")), undefined);
    assert.equal(find(shown, uri, around("const b█")), undefined);
    assert.equal(find(shown, uri, around("let const █")), undefined);
    assert.equal(find(shown, "file:///b.ts", around("const █")), undefined);
  });

  it("knows the place again when text far above it has changed", () => {
    const shown = new ShownSuggestions();
    const text = "// line\n".repeat(500);
    shown.add(uri, around(`${text}const █`), suggestionOf("answer"));
    assert.equal(
      find(shown, uri, around(`import x;\n${text}const a█`)),
      "nswer",
    );
    assert.equal(
      find(shown, uri, around(`${text}// new\nconst a█`)),
      undefined,
    );
  });

  it("prefers the latest", () => {
    const shown = new ShownSuggestions();
    shown.add(uri, around("█"), suggestionOf("one"));
    shown.add(uri, around("█"), suggestionOf("other"));
    assert.equal(find(shown, uri, around("o█")), "ther");
    assert.equal(find(shown, uri, around("on█")), "e");
  });

  it("sees when what follows is no longer the same", () => {
    const shown = new ShownSuggestions();
    shown.add(uri, around("foo█"), suggestionOf("(a, b)"));
    assert.equal(shown.find(uri, around("foo(█"))?.sameAfter, true);
    assert.equal(shown.find(uri, around("foo(█)"))?.sameAfter, false);
  });

  it("forgets", () => {
    const shown = new ShownSuggestions();
    shown.add(uri, around("a█"), suggestionOf("bc"));
    shown.forget(uri);
    assert.equal(find(shown, uri, around("a█")), undefined);
  });
});
