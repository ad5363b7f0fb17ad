import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import {
  Completer,
  type GenerationInputs,
} from "../../src/completion/completer";
import type { Syntax } from "../../src/syntax/syntax";
import type { GoingOn } from "../../src/completion/growing";
import { Runner } from "../../src/completion/runner";
import type { Suggestion } from "../../src/completion/suggestion";
import { asInsertText } from "../../src/server/converters";
import { PromptWindow } from "../../src/runtime/promptWindow";
import { NoSuggestion } from "../../src/completion/reasons";
import { contextAt } from "../support/cursor";
import { FakeClock } from "../support/fakeClock";
import {
  fakeLoadedModel,
  FakeModel,
  pauseIn,
  scripted,
  type FakeModelOptions,
} from "../support/fakeModel";

/** A completer over a fake model. */
function bench(options: FakeModelOptions, goingOn?: GoingOn) {
  const model = new FakeModel(options);
  const loaded = fakeLoadedModel(model);
  const runner = new Runner();
  const completer = new Completer(runner, undefined, goingOn);
  const startAhead = (
    marked: string,
    given: Parameters<typeof contextAt>[1] = {},
  ): Promise<void> => {
    const window = new PromptWindow(model.tokenizer, loaded.documentStart(""));
    const { signal } = new AbortController();
    const engine = { model: loaded, window };
    return completer.startAhead(
      contextAt(marked, given),
      () => engine,
      signal,
      50,
    );
  };
  const complete = (
    marked: string,
    given: Parameters<typeof contextAt>[1] = {},
    signal = new AbortController().signal,
    request?: number,
  ): Promise<Suggestion & { insertText: string }> => {
    const window = new PromptWindow(model.tokenizer, loaded.documentStart(""));
    const alternatives = given?.trigger === "invoked" ? 2 : 0;
    const engine: GenerationInputs = { model: loaded, window, alternatives };
    const context = contextAt(marked, given);
    return completer
      .complete(context, () => engine, signal, request)
      .then((suggestion) => ({
        ...suggestion,
        insertText: suggestion.text && asInsertText(suggestion.text, context),
      }));
  };
  return { model, runner, completer, complete, startAhead };
}

const line = "const answer = 42;\n";

describe("completion", () => {
  it("continues the text before the cursor", async () => {
    const { complete } = bench({ script: scripted(line) });
    const outcome = await complete("const answer = █");
    assert.equal(outcome.text, "42;");
    assert.equal(outcome.reason, "generated");
    assert.ok(outcome.timings.prefillTokens > 0);
    assert.ok(outcome.timings.decodeTokens > 0);
  });

  it("heals a word typed in part", async () => {
    const { complete } = bench({
      script: scripted("return value;"),
      words: ["return", " value"],
    });
    assert.equal((await complete("retu█")).text, "rn value;");
  });

  describe("started before it is requested", () => {
    it("is there for the request, without another run of the model", async () => {
      const { model, complete, startAhead } = bench({ script: scripted(line) });
      await startAhead("const answer = █");
      const { runs } = model;
      const { text, reason, timings } = await complete("const answer = █");
      assert.deepEqual([text, reason], ["42;", "generated"]);
      assert.ok(timings.decodeTokens > 0);
      assert.equal((await complete("const answer = 4█")).text, "2;");
      assert.equal(model.runs, runs);
    });

    it("is silent where the request is, and is not asked twice", async () => {
      const unsure = { settings: { suggestions: "rare" } } as const;
      const { model, complete, startAhead } = bench({
        script: scripted(line),
        certainty: 0.3,
      });
      await startAhead("const answer = █", unsure);
      const { runs } = model;
      const { reason } = await complete("const answer = █", unsure);
      assert.equal(reason, "not sure enough");
      assert.equal(model.runs, runs);
    });

    it("does nothing where a suggestion is remembered, and counts no key as typed past it", async () => {
      const { model, complete, startAhead } = bench({
        script: scripted("const value = 42;\n"),
      });
      await complete("const █");
      const { runs } = model;
      for (const typed of ["const v█", "const va█", "const val█"])
        await startAhead(typed);
      assert.equal(model.runs, runs);
      const { tokens } = await complete("const v█");
      const direct = bench({ script: scripted("const value = 42;\n") });
      await direct.complete("const █");
      assert.deepEqual((await direct.complete("const v█")).tokens, tokens);
    });

    it("does nothing where nothing is suggested, and leaves Generate alone", async () => {
      const { model, runner, startAhead } = bench({ script: scripted(line) });
      await startAhead("const answer = █", { afterDeletion: true });
      await startAhead("const ans█wer");
      let end: () => void = () => undefined;
      const { signal } = new AbortController();
      const command = runner.run(
        "generate",
        signal,
        () => new Promise<void>((resolve) => (end = resolve)),
      );
      await startAhead("const answer = █");
      end();
      await command;
      assert.equal(model.runs, 0);
    });

    it("does nothing while a request for another document waits", async () => {
      const { complete, startAhead } = bench({ script: scripted(line) });
      const waiting = complete("const answer = █");
      await startAhead("const answer = █", { uri: "file:///work/b.ts" });
      assert.equal((await waiting).text, "42;");
    });

    it("is not what a request by hand gets", async () => {
      const { complete, startAhead } = bench({
        script: scripted("x = first;\n"),
        others: [scripted("x = second;\n")],
      });
      await startAhead("x = █");
      const { alternatives } = await complete("x = █", { trigger: "invoked" });
      assert.deepEqual(
        alternatives?.map(({ text }) => text),
        ["second;"],
      );
    });
  });

  describe("of a whole line before others", () => {
    const writes = {
      script: scripted("a();\nc();\n"),
      others: [scripted("a();\nb();\nc();\n")],
    };
    const place = "a();\n█\nc();";
    const settings = { timeBudget: "auto" } as const;

    it("takes the line that the next ones follow", async () => {
      const { complete } = bench(writes);
      assert.equal((await complete(place, { settings })).text, "b();");
      // Nothing follows.
      const last = await complete("a();\n█", { settings });
      assert.equal(last.text, "c();");
    });

    it("takes the likeliest tokens by hand, and with a slow model", async () => {
      const { complete } = bench(writes);
      const { text } = await complete(place, { settings, trigger: "invoked" });
      assert.notEqual(text, "b();");
      const slow = bench({ ...writes, msPerToken: 20 });
      const shown = await slow.complete(place, { settings });
      assert.notEqual(shown.text, "b();");
    });
  });

  describe("by hand", () => {
    const invoked = { trigger: "invoked" } as const;
    const texts = (suggestion: Suggestion) =>
      [suggestion, ...(suggestion.alternatives ?? [])].map(({ text }) => text);

    it("has other texts as well, the likeliest first", async () => {
      const { complete } = bench({
        script: scripted("x = first;\n"),
        others: [
          scripted("x = second;\n"),
          scripted("x = third;\n"),
          scripted("x = fourth;\n"),
        ],
      });
      const suggestion = await complete("x = █", invoked);
      assert.deepEqual(texts(suggestion), ["first;", "second;", "third;"]);
      assert.deepEqual(texts(await complete("x = █")), ["first;"]);
    });

    it("has other names where one is typed in part", async () => {
      const known = "valid(vast);\n";
      const { complete } = bench({
        script: scripted(`${known}x = value;\n`),
        others: [
          scripted(`${known}x = valid;\n`),
          scripted(`${known}x = vain;\n`),
          scripted(`${known}x = vast;\n`),
        ],
        words: ["value", "valid", "vain", "vast"],
      });
      const suggestion = await complete(`${known}x = va█`, invoked);
      // A word that stands nowhere is no alternative.
      assert.deepEqual(texts(suggestion).toSorted(), ["lid;", "lue;", "st;"]);
    });

    it("goes on in another way behind a name where there is no other", async () => {
      const known = "f(value);\n";
      const { complete } = bench({
        script: scripted(`${known}x = value.first;\n`),
        others: [
          scripted(`${known}x = vain;\n`),
          scripted(`${known}x = value[0];\n`),
          scripted(`${known}x = value(1);\n`),
        ],
        words: ["value", "vain"],
      });
      const suggestion = await complete(`${known}x = va█`, invoked);
      assert.deepEqual(texts(suggestion), ["lue.first;", "lue[0];", "lue(1);"]);
    });

    it("has none that only goes on, or is spelled by other tokens", async () => {
      const { complete } = bench({
        script: scripted("x = value;\n"),
        others: [() => "v"],
        words: ["value"],
      });
      assert.deepEqual(texts(await complete("x = █", invoked)), ["value;"]);
    });

    it("goes on with the one that is typed, without a model call", async () => {
      const { model, complete } = bench({
        script: scripted("x = first;\n"),
        others: [scripted("x = second;\n")],
      });
      await complete("x = █", invoked);
      const { runs } = model;
      assert.equal((await complete("x = s█")).text, "econd;");
      assert.equal((await complete("x = f█")).text, "irst;");
      assert.equal(model.runs, runs);
    });
  });

  it("makes no model call while the suggestion is typed", async () => {
    const { model, complete } = bench({ script: scripted(line) });
    await complete("const █");
    const { runs } = model;
    for (const typed of ["a", "an", "ans", "answ", "answe"]) {
      const outcome = await complete(`const ${typed}█`);
      assert.equal(outcome.reason, "typed through");
      assert.equal(typed + outcome.text, "answer = 42;");
    }
    assert.equal(model.runs, runs);
  });

  it("goes on with what is typed past where it is sure of it", async () => {
    const { model, complete } = bench({ script: scripted(line) });
    await complete("const █");
    const { runs } = model;
    for (const typed of ["a", "an", "ans", "answ"]) {
      const { text, reason } = await complete(`const ${typed}█`);
      assert.equal(typed + text, "answer = 42;");
      assert.equal(reason, "typed through");
    }
    assert.equal(model.runs, runs);
  });

  it("asks anew for what is typed past where it is not sure of it", async () => {
    const { model, complete } = bench({
      script: scripted(line),
      others: [scripted("const anchor = 1;\n")],
      words: ["answer", "anchor"],
    });
    const answers = [];
    for (const typed of ["", "a", "an", "ans", "answ", "answer"]) {
      const { runs } = model;
      const { text, reason } = await complete(`const ${typed}█`);
      answers.push([typed + text, reason, model.runs > runs]);
    }
    assert.deepEqual(answers, [
      ["answer = 42;", "generated", true],
      ["answer = 42;", "typed through", false],
      // Two letters speak for the name, and may be enough; that it is not taken speaks against it.
      ["answer = 42;", "generated", true],
      ["answer = 42;", "typed through", false],
      ["answ", "not sure enough", true],
      // Behind the word it is there in any case.
      ["answer = 42;", "typed through", false],
    ]);
  });

  it("shows the first words alone where no more is sure when it is typed past", async () => {
    const { complete } = bench({
      script: scripted("const value = first.second.third;\n"),
      others: [scripted("const value = first.other;\n")],
      words: ["first", "second", "third", "other"],
    });
    const shown = [];
    for (const typed of ["", "f", "fi", "fir", "firs", "first"]) {
      const { text } = await complete(`const value = ${typed}█`);
      shown.push(typed + text);
    }
    const whole = "first.second.third;";
    assert.deepEqual(shown, [
      whole,
      whole,
      "first.",
      "first.",
      "first.",
      whole,
    ]);
  });

  it("has to be surer of a word that stands nowhere", async () => {
    const made = (before: string) =>
      bench({ script: scripted(`${before}let renamed`), certainty: 5 });
    const nowhere = await made("").complete("let rena█");
    assert.deepEqual([nowhere.text, nowhere.reason], ["", "not sure enough"]);
    assert.equal(nowhere.withheld?.(), undefined);
    const before = "renamed;\n";
    const known = await made(before).complete(`${before}let rena█`);
    assert.equal(known.text, "med");
    const byHand = { trigger: "invoked" } as const;
    assert.notEqual((await made("").complete("let rena█", byHand)).text, "");
  });

  it("has to be surer of one or two characters", async () => {
    // e^6 against 256 others: 0.61, which is enough for a line.
    const made = (text: string) =>
      bench({ script: scripted(text), words: ["other"], certainty: 6 });
    const short = await made("f(x) ;").complete("f(x) █");
    assert.deepEqual([short.text, short.reason], ["", "not sure enough"]);
    assert.deepEqual(short.withheld?.(), { text: ";", settings: ["often"] });
    const long = await made("f(x) other").complete("f(x) █");
    assert.equal(long.text, "other");
    const byHand = { trigger: "invoked" } as const;
    assert.equal((await made("f(x) ;").complete("f(x) █", byHand)).text, ";");
  });

  it("shows an earlier suggestion again after deleting back, without a model call", async () => {
    const { model, complete } = bench({ script: scripted(line) });
    await complete("const █");
    await complete("const x█");
    const { runs } = model;
    const again = await complete("const █", { afterDeletion: true });
    assert.deepEqual(
      [again.text, again.reason],
      ["answer = 42;", "typed through"],
    );
    assert.equal(model.runs, runs);
  });

  it("starts nothing after a deletion, unless it is asked to", async () => {
    const { model, complete } = bench({ script: scripted(line) });
    assert.equal(
      (await complete("cons█", { afterDeletion: true })).reason,
      "deletion",
    );
    assert.equal(model.runs, 0);
    const asked = await complete("cons█", {
      afterDeletion: true,
      trigger: "invoked",
    });
    assert.equal(asked.reason, "generated");
  });

  it("accepts a suggestion word by word without another model call", async () => {
    const { model, complete } = bench({ script: scripted(line) });
    const all = (await complete("const █")).text;
    const { runs } = model;
    let accepted = "";
    for (const part of all.match(/\w+|\W+/g) ?? []) {
      accepted += part;
      const rest = all.slice(accepted.length);
      if (rest !== "")
        assert.equal((await complete(`const ${accepted}█`)).text, rest);
    }
    assert.equal(accepted, all);
    assert.equal(model.runs, runs);
  });

  it("leaves the rest of a suggestion as it is, whatever of it was accepted", async () => {
    const { complete } = bench({ script: scripted("foo(g(x))") });
    assert.equal((await complete("foo(█)")).text, "g(x)");
    assert.equal((await complete("foo(g(█)")).text, "x)");
  });

  it("minds brackets that the editor closed while one typed", async () => {
    const { model, complete } = bench({ script: scripted("foo(g(x));") });
    assert.equal((await complete("foo█")).text, "(g(x));");
    const { runs } = model;
    assert.equal((await complete("foo(█)")).text, "g(x)");
    assert.equal(model.runs, runs);
  });

  it("shows nothing that adds a syntax error, however it came there", async () => {
    const texts = [
      "const sum = first(a, b) + second;",
      "while (first) {\n  second(a);\n}\n",
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...texts),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        // What is wrong here may be right one key later, and the other way round.
        fc.func<[number, string], boolean>(fc.boolean()),
        async (whole, keys, certainty, isRight) => {
          const syntax: Syntax = {
            fitting: ({ start, text }, cuts) =>
              [...cuts, text.length].findLast((length) =>
                isRight(start, text.slice(0, length)),
              ) ?? 0,
          };
          const { complete } = bench({
            script: scripted(whole),
            words: ["first", "second"],
            certainty,
          });
          let at = "while ".length;
          let earlier: Promise<unknown> = Promise.resolve();
          for (const [i, key] of [0, ...keys].entries()) {
            at = Math.min(at + key, whole.length);
            const place = at;
            const answer = complete(`${whole.slice(0, place)}█`, {
              syntax,
              settings: { suggestions: "often" },
            }).then(({ text }) =>
              assert.ok(text === "" || isRight(place, text), text),
            );
            // Some keys come before the answer to the last one.
            if (i % 3 === 0) earlier = answer;
            else await Promise.all([earlier, answer]);
          }
          await earlier;
        },
      ),
      { numRuns: 100 },
    );
  });

  it("checks again what is left of a text while it is typed", async () => {
    const { complete } = bench({ script: scripted(line) });
    const syntax: Syntax = {
      fitting: ({ start, text }) =>
        start > "const a".length && text.includes(" =")
          ? text.indexOf(" =")
          : text.length,
    };
    const shown = [];
    for (const typed of ["", "a", "an", "ans"])
      shown.push((await complete(`const ${typed}█`, { syntax })).text);
    assert.deepEqual(shown, ["answer = 42;", "nswer = 42;", "swer", "wer"]);
  });

  it("starts anew where it is asked by hand while it answers a key", async () => {
    const { onStep, reached, goOn } = pauseIn(2);
    const { complete } = bench({
      script: scripted("f(x) ;"),
      certainty: 5.8,
      onStep,
    });
    const typed = complete("f(x) █");
    await reached;
    const byHand = complete("f(x) █", { trigger: "invoked" });
    goOn();
    assert.deepEqual(
      [(await byHand).reason, (await byHand).text],
      ["generated", ";"],
    );
    assert.equal((await typed).reason, "superseded");
  });

  it("gives way to a newer request", async () => {
    const { complete } = bench({
      script: scripted(line, "let other = 1;"),
      stepMs: 2,
    });
    const older = complete("const answer█");
    const newer = complete("let █");
    assert.equal((await older).reason, "superseded");
    const { text, error } = await older;
    assert.deepEqual([text, error], ["", undefined]);
    assert.equal((await newer).text, "other = 1;");
  });

  it("never runs two generations at once and stops a superseded one within a step", async () => {
    const { model, complete } = bench({
      script: () => "x".repeat(1000),
      stepMs: 2,
    });
    const requests = Array.from({ length: 10 }, (_, i) =>
      complete(`line ${i} =█`),
    );
    const reasons = (await Promise.all(requests)).map(({ reason }) => reason);
    assert.equal(reasons.filter((reason) => reason === "superseded").length, 9);
    assert.equal(model.mostAtOnce, 1);
    const { runs } = model;
    await sleep(30);
    assert.equal(model.runs, runs);
  });

  it("shares a generation in flight with what is typed along it", async () => {
    const { onStep, reached, goOn } = pauseIn(12);
    const { complete } = bench({ script: scripted(line), onStep });
    const first = complete("const █");
    await reached;
    const typed = complete("const an█");
    goOn();
    const { reason, text } = await typed;
    assert.deepEqual([reason, text], ["in flight", "swer = 42;"]);
    assert.equal((await first).text, "answer = 42;");
  });

  for (const cancelled of ["first", "second"] as const)
    it(`goes on with a shared generation when the ${cancelled} request is cancelled`, async () => {
      const { onStep, reached, goOn } = pauseIn(12);
      const { complete } = bench({ script: scripted(line), onStep });
      const abort = new AbortController();
      const signals = { first: undefined, second: undefined };
      const signalOf = { ...signals, [cancelled]: abort.signal };
      const first = complete("const █", {}, signalOf.first);
      await reached;
      const second = complete("const an█", {}, signalOf.second);
      abort.abort(new NoSuggestion("cancelled"));
      goOn();
      const outcomes = { first: await first, second: await second };
      assert.equal(outcomes[cancelled].reason, "cancelled");
      const other = cancelled === "first" ? "second" : "first";
      assert.equal(
        outcomes[other].text,
        { first: "answer = 42;", second: "swer = 42;" }[other],
      );
    });

  it("computes nothing after a cancellation", async () => {
    const { model, complete } = bench({
      script: () => "word ".repeat(100),
      stepMs: 5,
    });
    const abort = new AbortController();
    const request = complete("const █", {}, abort.signal);
    while (model.runs < 4) await sleep(1);
    abort.abort(new NoSuggestion("cancelled"));
    assert.equal((await request).reason, "cancelled");
    const { runs } = model;
    await sleep(50);
    assert.equal(model.runs, runs);
  });

  it("resolves at once when a hanging model is cancelled", async () => {
    const { complete } = bench({ script: scripted(line), hangAfter: 2 });
    const abort = new AbortController();
    const request = complete("const █", {}, abort.signal);
    await sleep(10);
    abort.abort(new NoSuggestion("cancelled"));
    assert.equal((await request).reason, "cancelled");
  });

  it("ends with whole words when the time is up", async () => {
    const clock = new FakeClock();
    const onStep = () => clock.advance(5);
    const text = "one two threeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";
    const several = bench({ script: scripted(`= ${text}`), onStep });
    const single = bench({ script: () => "alphabet".repeat(4), onStep });
    const budget = (timeBudget: number) => ({ settings: { timeBudget } });
    try {
      const { text } = await several.complete("= █", budget(80));
      assert.equal(text, "one two");
      const { reason } = await single.complete("= █", budget(30));
      assert.equal(reason, "time budget");
      // By hand it may take as long as it takes.
      const byHand = { trigger: "invoked", ...budget(30) } as const;
      const { stop } = await several.complete("= █", byHand);
      assert.notEqual(stop, "time budget");
    } finally {
      clock.restore();
    }
  });

  describe("of a name, where a run takes long", () => {
    const names = ["value", "valid", "vain", "vast", "vary", "vault"];
    const known = `f(${names.join(", ")});\nvalue = g(value);\n`;
    const place = `${known}x = va█`;
    let clock: FakeClock;

    beforeEach(() => {
      clock = new FakeClock();
    });
    afterEach(() => clock.restore());

    /** Suggests a name; each run takes `stepMs`, whatever the model says of its speed. */
    async function suggest(msPerToken: number, stepMs: number) {
      const { model, completer, complete } = bench({
        script: scripted(`${known}x = value;\n`),
        others: [scripted(`${known}x = vast;\n`)],
        words: names,
        certainty: 6,
        msPerToken,
        onStep: () => clock.advance(stepMs),
      });
      const settings = { timeBudget: "auto", suggestions: "often" } as const;
      const auto = { settings };
      // The file is read, and nothing is remembered but that.
      await complete(place.replace("va█", "█"), auto);
      await completer.reset("superseded");
      const began = performance.now();
      const { runs } = model;
      const { text, tokens } = await complete(place, auto);
      const ms = performance.now() - began;
      return { text, tokens, runs: model.runs - runs, ms };
    }

    it("is there in time, and the likeliest name all the same", async () => {
      const slow = await suggest(12, 12);
      const whole = await suggest(1, 12);
      assert.deepEqual([slow.text, whole.text], ["lue;", "lue;"]);
      assert.ok(slow.ms <= 85, `${slow.ms} ms`);
      assert.ok(whole.ms > 100, `${whole.ms} ms`);
      // What was not run may be right, too.
      assert.ok(
        slow.tokens[0]!.logProbability < whole.tokens[0]!.logProbability,
      );
    });

    it("does not depend on the clock with a quick model", async () => {
      const { ms: _, ...expected } = await suggest(1, 0);
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 10 }),
          fc.double({ min: 0, max: 5, noNaN: true }),
          async (stepMs, msPerToken) => {
            const { ms: _, ...made } = await suggest(msPerToken, stepMs);
            assert.deepEqual(made, expected);
          },
        ),
        { numRuns: 20 },
      );
    });
  });

  describe("after the time budget", () => {
    const place = "x = █";
    const text = "one two three four five;";
    let clock: FakeClock;
    /** The requests whose suggestions have become longer. */
    let longer: number[];
    let ends: number;

    beforeEach(() => {
      clock = new FakeClock();
      longer = [];
      ends = 0;
    });
    afterEach(() => clock.restore());

    /** A model that takes five milliseconds a token, of which ten fit into the budget. */
    function slow(options: Partial<FakeModelOptions> = {}) {
      const made = bench(
        {
          script: scripted(`x = ${text}\n`),
          onStep: () => clock.advance(5),
          ...options,
        },
        {
          onLonger: (request) => longer.push(request),
          onEnded: () => ends++,
        },
      );
      const ask = (marked: string, request: number) =>
        made.complete(
          marked,
          { settings: { timeBudget: 50, maxTokens: 100 } },
          undefined,
          request,
        );
      const ended = async () => {
        while (ends === 0) await sleep(1);
      };
      return { ...made, ask, ended };
    }

    it("goes on, and the longer text is there without a model call", async () => {
      const { model, ask, ended } = slow();
      const first = await ask(place, 1);
      assert.deepEqual([first.text, first.stop], ["one two", "time budget"]);
      assert.equal(ends, 0);
      await ended();
      assert.deepEqual(longer, [1]);
      const { runs } = model;
      const again = await ask(place, 2);
      assert.deepEqual([again.text, again.reason], [text, "typed through"]);
      assert.equal(model.runs, runs);
    });

    it("tells of a long text before it has ended", async () => {
      const long =
        "one two three four five six seven eight nine ten eleven twelve; 13 + 14 / 15;";
      const { ask, ended } = slow({ script: scripted(`x = ${long}\n`) });
      assert.equal((await ask(place, 1)).text, "one two");
      while (longer.length === 0) await sleep(1);
      const { text } = await ask(place, 2);
      assert.ok(long.startsWith(text) && text.length > "one two".length);
      await ended();
      assert.equal((await ask(place, 3)).text, long);
      assert.equal(longer.length, 2);
    });

    it("goes on while what is shown is typed, and tells of the last request", async () => {
      const { model, completer, ask, ended } = slow();
      await ask(place, 1);
      completer.edited("file:///work/main.ts", contextAt("x = o█"));
      const typed = await ask("x = o█", 2);
      assert.deepEqual([typed.text, typed.reason], ["ne two", "typed through"]);
      await ended();
      assert.deepEqual(longer, [2]);
      const { runs } = model;
      assert.equal((await ask("x = o█", 3)).text, text.slice(1));
      assert.equal(model.runs, runs);
    });

    it("has the rest of what was accepted at once, and not after an undo", async () => {
      const { model, completer, ask, ended } = slow();
      await ask(place, 1);
      await ended();
      completer.edited("file:///work/main.ts", contextAt("x = one two█"));
      completer.accept(1);
      const { runs } = model;
      const rest = await ask("x = one two█", 2);
      assert.deepEqual(
        [rest.text, rest.reason],
        [" three four five;", "typed through"],
      );
      assert.equal(model.runs, runs);
      assert.equal((await ask(place, 3)).reason, "dismissed here");
    });

    it("waits for the rest where all of it was accepted or typed", async () => {
      const { model, completer, ask, ended } = slow();
      await ask(place, 1);
      completer.edited("file:///work/main.ts", contextAt("x = one two█"));
      completer.accept(1);
      const rest = ask("x = one two█", 2);
      assert.match((await rest).text, /^ three/);
      assert.equal((await rest).reason, "typed through");
      await ended();
      assert.deepEqual(longer, [2]);
      const { runs } = model;
      assert.equal((await ask("x = one two█", 3)).text, " three four five;");
      assert.equal(model.runs, runs);
    });

    it("is made anew where all of it was typed and nothing follows", async () => {
      const { ask, ended } = slow({
        script: (before) =>
          before === "x = one two" ? "(3);\n" : scripted("x = one two")(before),
        onStep: () => clock.advance(10),
      });
      assert.equal((await ask(place, 1)).text, "one");
      const rest = ask("x = one two█", 2);
      await ended();
      assert.match((await rest).text, /^\(/);
    });

    it("ends after ten seconds", async () => {
      const { model, ask, ended } = slow({
        script: scripted(`x = ${"one ".repeat(100)}`),
        onStep: () => clock.advance(400),
      });
      assert.equal((await ask(place, 1)).text, "one");
      await ended();
      assert.ok(model.runs < 40, String(model.runs));
    });

    it("ends with the time budget where an item of a list is chosen", async () => {
      const { runner, complete } = slow();
      const selectedItem = { start: 4, end: 4, text: "one" };
      const { text: first } = await complete(place, {
        settings: { timeBudget: 50 },
        selectedItem,
      });
      assert.ok(first !== "" && !first.endsWith(";"), first);
      assert.ok(runner.isIdle);
    });

    it("answers once something is whole, and not with nothing", async () => {
      const { ask, ended } = slow({ script: scripted("x = alphabetical;\n") });
      assert.equal((await ask(place, 1)).text, "alphabetical");
      await ended();
      assert.deepEqual(longer, [1]);
      assert.equal((await ask(place, 2)).text, "alphabetical;");
    });

    for (const [what, end] of Object.entries<
      (made: ReturnType<typeof slow>) => unknown
    >({
      "a request elsewhere": ({ ask }) => ask("let y = █", 2),
      "a request that is refused": ({ complete }) =>
        complete("x█y", { settings: { enable: false } }),
      "another text typed": ({ completer }) =>
        completer.edited("file:///work/main.ts", contextAt("x = t█")),
      "another kind of edit": ({ completer }) =>
        completer.edited("file:///work/main.ts"),
      "an edit in another document": ({ completer }) =>
        completer.edited("file:///work/other.ts", contextAt("x = o█")),
      "new settings": ({ completer }) => completer.reset("settings changed"),
      "a closed document": ({ completer }) =>
        completer.forget("file:///work/main.ts", "document closed"),
      "a suggestion put away": ({ completer }) => completer.dismiss(1),
    }))
      it(`ends with ${what}`, async () => {
        const made = slow();
        assert.equal((await made.ask(place, 1)).text, "one two");
        await end(made);
        await made.ended();
        const { runs } = made.model;
        await sleep(50);
        assert.equal(made.model.runs, runs);
        assert.deepEqual(longer, []);
      });

    it("stays where it was typed past and is less sure than its first part", async () => {
      const { model, completer, ask, ended } = slow({ certainty: 8.9 });
      assert.equal((await ask(place, 1)).text, "one two");
      for (const [i, typed] of ["x = o█", "x = on█"].entries()) {
        completer.edited("file:///work/main.ts", contextAt(typed));
        assert.notEqual((await ask(typed, i + 2)).text, "");
      }
      await ended();
      const { runs } = model;
      assert.match((await ask("x = on█", 4)).text, /^e/);
      assert.equal(model.runs, runs);
    });

    it("does not bring back what was put away", async () => {
      const { completer, ask, ended } = slow();
      await ask(place, 1);
      completer.dismiss(1);
      await ended();
      assert.equal((await ask(place, 2)).reason, "dismissed here");
    });

    it("says nothing of what is as long as before", async () => {
      const { ask, ended } = slow({
        script: scripted(`x = one two ${randomBytes(50).toString("hex")}`),
      });
      assert.equal((await ask(place, 1)).text, "one two");
      await ended();
      assert.deepEqual(longer, []);
      assert.equal((await ask(place, 2)).text, "one two");
    });

    it("computes nothing where nobody is to be told", async () => {
      const { model, complete } = bench({
        script: scripted(`x = ${text}\n`),
        onStep: () => clock.advance(5),
      });
      const settings = { timeBudget: 50 };
      assert.equal((await complete(place, { settings })).text, "one two");
      const { runs } = model;
      await sleep(20);
      assert.equal(model.runs, runs);
    });

    it("always begins with what was shown first", async () => {
      const piece = fc.constantFrom(
        ..."abc ",
        " one",
        "(",
        ")",
        "{\n",
        "\n}",
        ";\n",
        '"',
        "\n",
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(piece, { maxLength: 30 }),
          fc.integer({ min: 20, max: 100 }),
          fc.double({ min: 5, max: 20, noNaN: true }),
          async (pieces, timeBudget, certainty) => {
            longer = [];
            const { runner, complete } = slow({
              script: scripted(`x = ${pieces.join("")}`),
              certainty,
            });
            const ask = (request: number) =>
              complete(place, { settings: { timeBudget } }, undefined, request);
            const first = await ask(1);
            await runner.whenIdle();
            const isTold = longer.length > 0;
            if (first.text === "") return assert.ok(!isTold);
            const { text, reason } = await ask(2);
            assert.equal(reason, "typed through");
            assert.ok(text.startsWith(first.text));
            assert.equal(text.length > first.text.length, isTold);
          },
        ),
        { numRuns: 200 },
      );
    });
  });

  it("stays away from where its suggestion was put away, until it is asked for by hand", async () => {
    const { completer, complete } = bench({ script: scripted(line) });
    const signal = undefined;
    assert.equal(
      (await complete("const █", {}, signal, 1)).text,
      "answer = 42;",
    );
    completer.dismiss(1);
    assert.equal(
      (await complete("const █", {}, signal, 2)).reason,
      "dismissed here",
    );
    const byHand = await complete("const █", { trigger: "invoked" }, signal, 3);
    assert.equal(byHand.text, "answer = 42;");
  });

  it("stays away after an undo where only a part of it could be accepted", async () => {
    const { completer, complete } = bench({ script: scripted("foo(a, b);") });
    const ask = async (marked: string, request: number) => {
      const { text, reason } = await complete(marked, {}, undefined, request);
      return text === "" ? reason : text;
    };
    assert.equal(await ask("foo█", 1), "(a, b);");
    // The editor closes the bracket.
    assert.equal(await ask("foo(█)", 2), "a, b");
    completer.accept(2);
    await ask("foo(a, b█)", 3);
    assert.equal(await ask("foo(█)", 4), "dismissed here");
  });

  it("forgets one document, or all", async () => {
    const { model, completer, complete } = bench({ script: scripted(line) });
    const other = { uri: "file:///work/other.ts" };
    const runsFor = async (given: Parameters<typeof complete>[1]) => {
      const { runs } = model;
      await complete("const a█", given);
      return model.runs - runs;
    };
    for (const given of [{}, other]) await complete("const █", given);
    assert.deepEqual([await runsFor({}), await runsFor(other)], [0, 0]);
    await completer.forget(other.uri, "document closed");
    assert.equal(await runsFor({}), 0);
    assert.ok((await runsFor(other)) > 0);
    await completer.reset("settings changed");
    assert.ok((await runsFor({})) > 0);
    assert.ok((await runsFor(other)) > 0);
  });

  it("stops what is computed for a document that is forgotten", async () => {
    const { model, completer, complete } = bench({
      script: () => "word ".repeat(100),
      stepMs: 1,
    });
    const request = complete("const █");
    while (model.runs < 4) await sleep(1);
    await completer.forget("file:///work/other.ts", "document closed");
    const { runs } = model;
    while (model.runs <= runs) await sleep(1);
    await completer.forget("file:///work/main.ts", "document closed");
    const after = model.runs;
    assert.equal((await request).reason, "document closed");
    await sleep(20);
    assert.equal(model.runs, after);
  });

  it("inserts the document's line ends", async () => {
    const { complete } = bench({ script: scripted("if (a) {\n  b();\n}\n") });
    assert.equal(
      (await complete("if (a) {█\r\n")).insertText,
      "\r\n  b();\r\n}",
    );
  });

  it("types through in a document with CRLF", async () => {
    const { model, complete } = bench({
      script: scripted("if (a) {\n  b();\n}\n"),
    });
    await complete("if (a) {█\r\n");
    const { runs } = model;
    assert.equal(
      (await complete("if (a) {\r\n  █\r\n")).insertText,
      "b();\r\n}",
    );
    assert.equal(model.runs, runs);
  });

  it("extends the item selected in the list of completions", async () => {
    const { complete } = bench({
      script: scripted("console.log(1);", "const answer = 42;"),
    });
    const selectedItem = { start: 0, end: 3, text: "console" };
    const outcome = await complete("con█", { selectedItem });
    assert.equal(outcome.insertText, "console.log(1);");
    const other = await complete("con█", {
      selectedItem: { ...selectedItem, text: "const" },
    });
    assert.equal(other.insertText, "const answer = 42;");
  });

  it("does not double what follows", async () => {
    const { complete } = bench({ script: scripted("call(first, second);\n") });
    assert.equal((await complete("call(█);\n")).text, "first, second");
    assert.equal(
      (await complete("call(first, █second);", { trigger: "invoked" })).reason,
      "nothing to add",
    );
  });

  it("says what went wrong and goes on", async () => {
    const { model, complete } = bench({ script: scripted(line) });
    model.disposed = true;
    const outcome = await complete("const █");
    assert.equal(outcome.reason, "failed");
    assert.match(String(outcome.error), /disposed/);
    model.disposed = false;
    assert.equal((await complete("const █")).text, "answer = 42;");
  });

  it("samples the same text for the same seed", async () => {
    const settings = { temperature: 1.5, topP: 1, seed: 7 };
    const run = async () => {
      const { complete } = bench({ script: scripted(line) });
      return (await complete("const █", { settings })).text;
    };
    assert.equal(await run(), await run());
  });
});
