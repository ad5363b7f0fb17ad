import assert from "node:assert/strict";
import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { InFlight } from "../../src/completion/inFlight";
import { NoSuggestion } from "../../src/completion/reasons";
import { Runner } from "../../src/completion/runner";
import type { Suggestion } from "../../src/completion/suggestion";
import { around } from "../support/cursor";
import { suggestionOf } from "../support/suggestions";

const uri = "file:///a.ts";
const never = new AbortController().signal;

/** A generation for "const █" that tells its text and ends when the test says so. */
function generation() {
  let tell: (text: string) => void = () => undefined;
  let end: (suggestion: Suggestion) => void = () => undefined;
  let signal: AbortSignal | undefined;
  return {
    tell: (text: string) => tell(text),
    end: (text: string) => end(suggestionOf(text)),
    get isStopped() {
      return signal?.aborted ?? false;
    },
    generate: (given: AbortSignal, onText: (text: string) => void) => {
      signal = given;
      tell = onText;
      return new Promise<Suggestion>((resolve) => (end = resolve));
    },
  };
}

describe("a suggestion in flight", () => {
  let inFlight: InFlight;
  let running: ReturnType<typeof generation>;
  let first: Promise<Suggestion>;
  const join = (marked: string, of = uri, signal = never) =>
    inFlight.join(of, around(marked), signal);
  beforeEach(() => {
    inFlight = new InFlight(new Runner());
    running = generation();
    first = inFlight.start(uri, around("const █"), never, running.generate);
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
    const second = inFlight.start(uri, around("let █"), never, newer.generate);
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
      around("let █"),
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
});
