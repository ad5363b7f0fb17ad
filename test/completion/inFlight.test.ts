import assert from "node:assert/strict";
import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { InFlight, type Progress } from "../../src/completion/inFlight";
import { NoSuggestion } from "../../src/completion/reasons";
import { Runner } from "../../src/completion/runner";
import type { Suggestion } from "../../src/completion/suggestion";
import { around, contextAt } from "../support/cursor";
import { suggestionOf } from "../support/suggestions";

const uri = "file:///a.ts";
const never = new AbortController().signal;

/** A generation for "const █" that tells its text and ends when the test says so. */
function generation() {
  let progress: Progress | undefined;
  let end: (suggestion: Suggestion) => void = () => undefined;
  let signal: AbortSignal | undefined;
  return {
    tell: (text: string) => progress?.onText(text),
    /** Requests are answered with a text, and the generation goes on. */
    show: (text: string) => {
      progress?.onText(text);
      progress?.onPart(suggestionOf(text));
    },
    end: (text: string) => end(suggestionOf(text)),
    get isStopped() {
      return signal?.aborted ?? false;
    },
    generate: (given: AbortSignal, told: Progress) => {
      signal = given;
      progress = told;
      return new Promise<Suggestion>((resolve) => (end = resolve));
    },
  };
}

describe("a suggestion in flight", () => {
  let inFlight: InFlight;
  let running: ReturnType<typeof generation>;
  let first: Promise<Suggestion>;
  const join = (marked: string, of = uri, signal = never) =>
    inFlight.join(of, contextAt(marked), signal);
  beforeEach(() => {
    inFlight = new InFlight(new Runner());
    running = generation();
    first = inFlight.start(uri, contextAt("const █"), never, running.generate);
  });

  it("is shared by who types what it has generated so far", async () => {
    assert.equal(join("const a█"), undefined);
    running.tell("ans");
    const typed = join("const a█");
    assert.equal(join("const b█"), undefined);
    assert.equal(join("const a█)"), undefined);
    assert.equal(join("const a█", "file:///b.ts"), undefined);
    running.end("answer");
    assert.equal((await first).text, "answer");
    const { text, reason } = (await typed)!;
    assert.deepEqual([text, reason], ["nswer", "in flight"]);
  });

  it("is not there any more once it has ended", async () => {
    running.end("answer");
    await first;
    await yieldToEventLoop();
    assert.equal(join("const █"), undefined);
    // Nor is there anything to stop.
    await inFlight.stop(new NoSuggestion("settings changed"));
  });

  it("stays when an older one ends later", async () => {
    const newer = generation();
    const second = inFlight.start(
      uri,
      contextAt("let █"),
      never,
      newer.generate,
    );
    await yieldToEventLoop();
    assert.ok(running.isStopped);
    running.end("answer");
    await first;
    await yieldToEventLoop();
    newer.tell("ot");
    const typed = join("let o█");
    newer.end("other");
    assert.equal((await second).text, "other");
    assert.equal((await typed)!.text, "ther");
  });

  it("is not shared any more once it is told to stop, and gives nothing", async () => {
    running.tell("ans");
    let hasStopped = false;
    const stopped = inFlight
      .stop(new NoSuggestion("document changed"), uri)
      .then(() => (hasStopped = true));
    assert.equal(join("const a█"), undefined);
    await yieldToEventLoop();
    assert.equal(hasStopped, false);
    running.end("answer");
    await assert.rejects(first, { reason: "document changed" });
    await stopped;
  });

  it("goes on when another document's is told to stop", async () => {
    await inFlight.stop(new NoSuggestion("document changed"), "file:///b.ts");
    assert.equal(running.isStopped, false);
    running.end("answer");
    assert.equal((await first).text, "answer");
  });

  it("is stopped by the last who gives up", async () => {
    running.tell("ans");
    const aborts = [new AbortController(), new AbortController()];
    const waiting = aborts.map(({ signal }) => join("const a█", uri, signal)!);
    const results = Promise.allSettled(waiting);
    for (const abort of aborts) abort.abort(new NoSuggestion("cancelled"));
    await results;
    assert.equal(running.isStopped, false);
    running.end("answer");
    assert.equal((await first).text, "answer");

    const abort = new AbortController();
    const next = generation();
    const alone = inFlight.start(
      uri,
      contextAt("let █"),
      abort.signal,
      next.generate,
    );
    const reason = new NoSuggestion("cancelled");
    abort.abort(reason);
    await assert.rejects(alone, reason);
    assert.ok(next.isStopped);
    next.end("");
  });

  it("is not waited for by who has given up before", async () => {
    running.tell("ans");
    const gone = AbortSignal.abort(new NoSuggestion("cancelled"));
    await assert.rejects(join("const a█", uri, gone)!, { reason: "cancelled" });
    running.end("answer");
    assert.equal((await first).text, "answer");
  });

  describe("that goes on behind what was shown of it", () => {
    const more = (marked: string, ms = 10_000, signal = never) =>
      inFlight.more(uri, around(marked), ms, signal);

    beforeEach(async () => {
      running.show("answer");
      assert.equal((await first).text, "answer");
      assert.ok(inFlight.isGoingOn);
    });

    it("is not shared, and not stopped by who has had its first part", () => {
      assert.equal(join("const a█"), undefined);
      assert.ok(!running.isStopped);
    });

    it("is waited for where all that was shown is typed", async () => {
      assert.equal(await more("const answ█"), false);
      assert.equal(await more("const answers█"), false);
      const waiting = [more("const answer█"), more("const answer█")];
      running.show("answer = 42");
      assert.deepEqual(await Promise.all(waiting), [true, true]);
      const toTheEnd = more("const answer = 42█");
      running.end("answer = 42;");
      assert.equal(await toTheEnd, true);
      assert.equal(await more("const answer = 42█"), false);
    });

    it("is waited for no longer than asked, and not by who gives up", async () => {
      assert.equal(await more("const answer█", 1), false);
      const abort = new AbortController();
      const waiting = more("const answer█", 10_000, abort.signal);
      abort.abort(new NoSuggestion("cancelled"));
      await assert.rejects(waiting, /cancelled/);
      assert.ok(!running.isStopped);
    });

    it("is stopped by what does not follow it", () => {
      inFlight.stopUnlessFollowed(uri, around("const an█"));
      assert.ok(!running.isStopped);
      inFlight.stopUnlessFollowed(uri, around("const b█"));
      assert.ok(running.isStopped);
    });
  });

  describe("that was started before it was requested", () => {
    let ahead: ReturnType<typeof generation>;
    let ended: Promise<void>;
    const place = contextAt("let █", { environment: "one" });
    const joinAt = (marked: string, environment = "one") =>
      inFlight.join(uri, contextAt(marked, { environment }), never);

    beforeEach(async () => {
      ahead = generation();
      ended = inFlight.startAhead(uri, place, never, ahead.generate);
      running.end("");
      await first;
      await yieldToEventLoop();
    });
    const endWith = async (text: string): Promise<void> => {
      ahead.end(text);
      await ended;
      await yieldToEventLoop();
    };

    it("is what the request gets, while it runs and when it has ended", async () => {
      const early = joinAt("let █");
      ahead.end("a = 1;");
      const { text, reason } = (await early)!;
      assert.deepEqual([text, reason], ["a = 1;", "generated"]);

      const again = generation();
      ended = inFlight.startAhead(uri, place, never, again.generate);
      await yieldToEventLoop();
      again.end("b = 2;");
      await ended;
      assert.equal((await joinAt("let █"))!.text, "b = 2;");
      // Once.
      assert.equal(joinAt("let █"), undefined);
    });

    it("has its latest part for a request that comes later", async () => {
      ahead.show("a");
      ahead.show("a = 1");
      assert.equal((await joinAt("let █"))!.text, "a = 1");
      assert.ok(!ahead.isStopped);
      ahead.end("a = 1;");
    });

    it("has its rest for who has typed on once it has ended, not before", async () => {
      ahead.tell("a =");
      assert.equal(joinAt("let a█"), undefined);
      await endWith("a = 1;");
      const { text, reason } = (await joinAt("let a█"))!;
      assert.deepEqual([text, reason], [" = 1;", "in flight"]);
    });

    it("is of no use where something else was typed, or its other inputs have changed", async () => {
      await endWith("a = 1;");
      assert.equal(joinAt("let █", "two"), undefined);
      assert.equal(joinAt("let b█"), undefined);
      inFlight.stopUnlessFollowed(uri, around("let a█"));
      assert.ok(inFlight.isJoinable(uri, place));
      inFlight.stopUnlessFollowed(uri, around("let b█"));
      assert.ok(!inFlight.isJoinable(uri, place));
    });

    it("is not joined by who has typed all of it", async () => {
      await endWith("a;");
      assert.equal(joinAt("let a;█"), undefined);
      assert.equal((await joinAt("let a█"))!.text, ";");
    });

    it("is joined where it is empty, since nothing would come of another", async () => {
      await endWith("");
      assert.equal((await joinAt("let █"))!.text, "");
    });

    it("is of no use where the text far above has changed", async () => {
      const far = "// a comment\n".repeat(200);
      const made = generation();
      const { signal } = new AbortController();
      const at = (lead: string) => contextAt(`${lead}${far}let █`);
      ended = inFlight.startAhead(uri, at("x"), signal, made.generate);
      ahead.end("");
      await yieldToEventLoop();
      await yieldToEventLoop();
      made.end("a = 1;");
      await ended;
      assert.ok(inFlight.isJoinable(uri, at("x")));
      assert.ok(!inFlight.isJoinable(uri, at("")));
    });

    it("knows of a request for another document", async () => {
      assert.ok(!inFlight.isAwaitedElsewhere("file:///b.ts"));
      const request = joinAt("let █");
      assert.ok(inFlight.isAwaitedElsewhere("file:///b.ts"));
      assert.ok(!inFlight.isAwaitedElsewhere(uri));
      ahead.end("");
      await request;
    });

    it("is stopped by an edit, and forgotten with its document", async () => {
      inFlight.stopUnlessFollowed(uri);
      assert.ok(ahead.isStopped);
      ahead.end("");
      await ended;
      const next = generation();
      ended = inFlight.startAhead(uri, place, never, next.generate);
      await yieldToEventLoop();
      next.end("a = 1;");
      await ended;
      await inFlight.stop(new NoSuggestion("document closed"), uri);
      assert.equal(joinAt("let █"), undefined);
    });

    it("is not started by a signal that is aborted", async () => {
      const made = generation();
      const gone = AbortSignal.abort(new NoSuggestion("settings changed"));
      await inFlight.startAhead(uri, place, gone, made.generate);
      assert.ok(!ahead.isStopped);
      ahead.end("");
    });

    it("is stopped by its signal", async () => {
      const abort = new AbortController();
      const { signal } = abort;
      const next = generation();
      void inFlight.startAhead(uri, place, signal, next.generate);
      ahead.end("");
      await yieldToEventLoop();
      await yieldToEventLoop();
      abort.abort(new NoSuggestion("settings changed"));
      assert.ok(next.isStopped);
      assert.equal(joinAt("let █"), undefined);
      next.end("");
    });

    it("leaves nothing where it fails", async () => {
      const failing = () => Promise.reject(new Error("no memory"));
      const failed = inFlight.startAhead(uri, place, never, failing);
      ahead.end("");
      await failed;
      assert.equal(joinAt("let █"), undefined);
    });
  });
});
