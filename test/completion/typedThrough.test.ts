import assert from "node:assert/strict";
import type { CompletionContext } from "../../src/completion/context";
import {
  continued,
  hasSameAfter,
  remainder,
  ShownSuggestions,
} from "../../src/completion/typedThrough";
import { contextAt } from "../support/cursor";
import { suggestionOf } from "../support/suggestions";

const { uri } = contextAt("█");

function find(
  shown: ShownSuggestions,
  context: CompletionContext,
  request?: number,
) {
  const found = shown.find(context, request);
  return typeof found === "object" ? found.rest.text : found;
}

describe("typed through", () => {
  let shown: ShownSuggestions;
  beforeEach(() => (shown = new ShownSuggestions()));

  it("finds what is left after its first characters were typed", () => {
    shown.add(contextAt("const █"), suggestionOf("answer = 42;"));
    assert.equal(find(shown, contextAt("const █")), "answer = 42;");
    assert.equal(find(shown, contextAt("const answer█")), " = 42;");
    assert.equal(find(shown, contextAt("const answer = 42;█")), undefined);
    assert.equal(find(shown, contextAt("const b█")), undefined);
    assert.equal(find(shown, contextAt("let const █")), undefined);
    const elsewhere = { ...contextAt("const █"), uri: "file:///b.ts" };
    assert.equal(find(shown, elsewhere), undefined);
  });

  it("knows the place again in a document with CRLF", () => {
    shown.add(contextAt("if (a) {█\r\n"), suggestionOf("\n  b();\n}"));
    assert.equal(find(shown, contextAt("if (a) {\r\n  █\r\n")), "b();\n}");
  });

  it("is forgotten with what it was made from, wherever that has changed", () => {
    const text = "// line\n".repeat(500);
    const made = () => {
      shown = new ShownSuggestions();
      shown.add(contextAt(`${text}const █\nlet b;`), suggestionOf("answer"));
    };
    made();
    assert.equal(find(shown, contextAt(`${text}const a█\nlet b;`)), "nswer");
    for (const changed of [
      `import x;\n${text}const a█\nlet b;`,
      `${text}const a█\nlet c;`,
      `// other${text}const █\nlet b;`,
    ]) {
      made();
      assert.equal(find(shown, contextAt(changed)), undefined, changed);
    }
    made();
    const other = contextAt(`${text}const a█\nlet b;`, {
      environment: "another model",
    });
    assert.equal(find(shown, other), undefined);
  });

  it("stays forgotten when the change is taken back", () => {
    shown.add(contextAt("let a;\nconst █"), suggestionOf("answer"));
    assert.equal(find(shown, contextAt("let b;\nconst a█")), undefined);
    const wasMade = contextAt("let a;\nconst █");
    assert.equal(find(shown, wasMade), "answer");
    const text = "// line\n".repeat(500);
    shown.add(contextAt(`${text}const █`), suggestionOf("other"));
    assert.equal(
      find(shown, contextAt(`import x;\n${text}const █`)),
      undefined,
    );
    assert.equal(find(shown, contextAt(`${text}const █`)), undefined);
  });

  it("can be put away as long as no 64 other requests came", () => {
    const made = contextAt("const █");
    for (const [others, found] of [
      [63, "dismissed"],
      [64, "answer"],
    ] as const) {
      shown = new ShownSuggestions();
      shown.add(made, suggestionOf("answer"), 1);
      for (let request = 2; request < 2 + others; request++)
        find(shown, contextAt("const a█"), request);
      shown.dismiss(1);
      assert.equal(find(shown, made), found);
    }
  });

  it("prefers the latest", () => {
    shown.add(contextAt("█"), suggestionOf("one"));
    shown.add(contextAt("█"), suggestionOf("other"));
    assert.equal(find(shown, contextAt("o█")), "ther");
    assert.equal(find(shown, contextAt("on█")), "e");
  });

  it("sees when what follows is no longer the same", () => {
    const isSame = (marked: string) => {
      const found = shown.find(contextAt(marked));
      assert.ok(typeof found === "object");
      return found.sameAfter;
    };
    shown.add(contextAt("foo█"), suggestionOf("(a, b)"));
    assert.equal(isSame("foo(█"), true);
    assert.equal(isSame("foo(█)"), false);
  });

  it("stays away where it was dismissed, until something changes there", () => {
    shown.add(contextAt("const █"), suggestionOf("answer"), 1);
    assert.equal(find(shown, contextAt("const an█"), 2), "swer");
    shown.dismiss(2);
    assert.equal(find(shown, contextAt("const an█")), "dismissed");
    assert.equal(find(shown, contextAt("const an█")), "dismissed");
    // Something was typed: what comes next is made anew.
    assert.equal(find(shown, contextAt("const ans█")), undefined);
    assert.equal(find(shown, contextAt("const an█")), undefined);
  });

  it("stays away after its acceptance is undone", () => {
    shown.add(contextAt("const █"), suggestionOf("answer"), 1);
    shown.accept(1);
    assert.equal(find(shown, contextAt("const answer█")), undefined);
    assert.equal(find(shown, contextAt("const █")), "dismissed");
  });

  describe("stays away after an undo where it extended an item of the list", () => {
    const selectedItem = { start: 4, end: 7, text: "console" };
    const listed = contextAt("x = con█;", { selectedItem });

    it("that was accepted with it", () => {
      shown.add(listed, suggestionOf(".log(x)"), 1);
      assert.equal(find(shown, contextAt("x = con█;")), undefined);
      shown.accept(1);
      assert.equal(find(shown, contextAt("x = console.log(x)█;")), undefined);
      assert.equal(find(shown, contextAt("x = con█;")), "dismissed");
      assert.equal(find(shown, listed), "dismissed");
      // Something was typed: what comes next is made anew.
      assert.equal(find(shown, contextAt("x = cons█;")), undefined);
      assert.equal(find(shown, contextAt("x = con█;")), undefined);
    });

    it("though it was made before the item was selected", () => {
      shown.add(contextAt("x = con█;"), suggestionOf("sole.log(x)"), 1);
      assert.equal(find(shown, listed, 2), ".log(x)");
      shown.accept(2);
      assert.equal(find(shown, contextAt("x = con█;")), "dismissed");
    });

    it("of which a first part was shown, and the rest is there", () => {
      const made = suggestionOf(".log(x)");
      shown.add(listed, made, 1);
      shown.show(1, suggestionOf(".log"));
      shown.accept(1);
      assert.equal(find(shown, contextAt("x = console.log█;")), "(x)");
      assert.equal(find(shown, contextAt("x = con█;")), "dismissed");
    });

    it("but not for an item that does not begin with what is typed", () => {
      const other = { ...selectedItem, text: "Console" };
      const context = contextAt("x = con█;", { selectedItem: other });
      shown.add(context, suggestionOf(".log(x)"), 1);
      shown.accept(1);
      assert.equal(find(shown, contextAt("x = con█;")), undefined);
    });
  });

  it("knows nothing of requests that were not answered by it", () => {
    shown.add(contextAt("a█"), suggestionOf("bc"), 1);
    shown.dismiss(7);
    assert.equal(find(shown, contextAt("a█")), "bc");
  });

  it("forgets", () => {
    shown.add(contextAt("a█"), suggestionOf("bc"));
    shown.forget(uri);
    assert.equal(find(shown, contextAt("a█")), undefined);
  });

  describe("tells how often it was typed past", () => {
    const typedPast = (marked: string) => {
      const found = shown.find(contextAt(marked));
      assert.ok(typeof found === "object");
      return found.typedPast;
    };

    it("key by key, in the word that is typed", () => {
      shown.add(contextAt("a = █"), suggestionOf("answer(first);"));
      const keys = ["", "a", "an", "ans", "answ", "answe", "answer"];
      assert.deepEqual(
        keys.map((typed) => typedPast(`a = ${typed}█`)),
        // Behind the word it begins again.
        [0, 1, 2, 3, 4, 5, 0],
      );
      assert.equal(typedPast("a = answer(█"), 0);
      assert.equal(typedPast("a = answer(f█"), 1);
      // Nothing was typed in between, or something was deleted.
      assert.equal(typedPast("a = answer(f█"), 1);
      assert.equal(typedPast("a = answer(█"), 0);
    });

    it("before it was made anew, too", () => {
      shown.add(contextAt("a = an█"), suggestionOf("swer(first)"), 1, 2);
      const keys = ["an", "an", "ans", "answ", "answer"];
      assert.deepEqual(
        keys.map((typed) => typedPast(`a = ${typed}█`)),
        [2, 2, 3, 4, 0],
      );
    });

    it("not where a part of it was accepted", () => {
      shown.add(contextAt("a = █"), suggestionOf("answer_to_all"));
      assert.equal(typedPast("a = an█"), 1);
      assert.equal(typedPast("a = answer█"), 0);
      assert.equal(typedPast("a = answer_█"), 1);
    });

    it("not where it was asked for by hand", () => {
      const asked = contextAt("a = █", { trigger: "invoked" });
      shown.add(asked, suggestionOf("answer"));
      assert.equal(typedPast("a = an█"), 0);
    });
  });
});

describe("the place of a text", () => {
  const at = (marked: string) => contextAt(marked);
  const known = (marked: string, text: string) => continued(at(marked), text);

  it("is known by 1,024 characters before it and 256 after it", () => {
    const short = known(`${"a".repeat(1024)}█${"b".repeat(300)}`, "x");
    assert.equal(short.before.length, 1024);
    assert.equal(short.beforeIsWhole, true);
    assert.equal(short.after.length, 256);
    const long = known(`${"a".repeat(1025)}█`, "x");
    assert.equal(long.before.length, 1024);
    assert.equal(long.beforeIsWhole, false);
    const far = known(`${"a".repeat(17 * 1024)}█`, "x");
    assert.equal(far.beforeIsWhole, false);
  });

  it("has the same text after it as far as that is known", () => {
    const of = (after: string) => known(`a█${after}`, "x");
    const far = "b".repeat(256);
    assert.equal(hasSameAfter(of(`${far}1`), at(`a█${far}2`)), true);
    assert.equal(
      hasSameAfter(of(`${far.slice(1)}1`), at(`a█${far.slice(1)}2`)),
      false,
    );
    assert.equal(hasSameAfter(of(""), at("a█b")), false);
  });

  it("leaves what is not typed yet, as much being typed as may be", () => {
    const left = (before: string, text: string, marked: string) =>
      remainder(known(`${before}█`, text), at(marked));
    assert.equal(left("", "aaa", "█"), "aaa");
    assert.equal(left("", "aaa", "aa█"), "a");
    assert.equal(left("", "aaa", "aaa█"), "");
    assert.equal(left("", "aaa", "aaaa█"), undefined);
    assert.equal(left("x = ", "abc", "x = a█"), "bc");
    assert.equal(left("x = ", "abc", "x =█"), undefined);
    assert.equal(left("x = ", "abc", "y = a█"), undefined);
    assert.equal(left("x = ", "abc", "\nx = a█"), undefined);
  });

  it("is looked for anywhere where the start of its document is far", () => {
    const far = "// line\n".repeat(200);
    const found = remainder(known(`${far}x = █`, "abc"), at(`;${far}x = a█`));
    assert.equal(found, "bc");
    // What began with the document does not begin in the middle of another.
    const short = known("x = █", "abc");
    const cut = { ...at("x = a█"), beforeIsWhole: false };
    assert.equal(remainder(short, cut), undefined);
  });
});

describe("the suggestions shown last", () => {
  const shown = () => {
    const all = new ShownSuggestions();
    return { all, at: (marked: string) => find(all, contextAt(marked)) };
  };

  it("are 32 a document", () => {
    const { all, at } = shown();
    for (let i = 0; i < 33; i++)
      all.add(contextAt(`${i} = █`), suggestionOf("answer"));
    assert.equal(at("0 = █"), undefined);
    assert.equal(at("1 = █"), "answer");
    assert.equal(at("32 = █"), "answer");
  });

  it("are tried one after the other, the latest first, and those that do not fit are kept", () => {
    const { all, at } = shown();
    all.add(contextAt("a = █"), suggestionOf("first"));
    all.add(contextAt("a = █"), suggestionOf("second"));
    assert.equal(at("a = f█"), "irst");
    assert.equal(at("a = s█"), "econd");
  });

  it("are typed past by one key that types two characters, not by three", () => {
    const typedPast = (...keys: string[]) => {
      const { all } = shown();
      all.add(contextAt("a = █"), suggestionOf("answers"));
      let last = -1;
      for (const typed of keys) {
        const found = all.find(contextAt(`a = ${typed}█`));
        assert.ok(typeof found === "object");
        last = found.typedPast;
      }
      return last;
    };
    assert.equal(typedPast("an"), 1);
    assert.equal(typedPast("ans"), 0);
    assert.equal(typedPast("a", "ans"), 2);
    assert.equal(typedPast("a", "answ"), 0);
    // A letter that is deleted was not typed past, and those before it were.
    assert.equal(typedPast("a", "an", "a"), 2);
  });

  it("are all forgotten, with what requests were answered by them", () => {
    const { all, at } = shown();
    all.add(contextAt("a = █"), suggestionOf("answer"), 1);
    all.clear();
    assert.equal(at("a = █"), undefined);
    all.dismiss(1);
    all.add(contextAt("a = █"), suggestionOf("answer"), 2);
    assert.equal(at("a = █"), "answer");
  });
});
