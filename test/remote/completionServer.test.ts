import assert from "node:assert/strict";
import type { TextOptions } from "../../src/completion/textSource";
import { defaultServer, type CompletionServerState } from "../../src/protocol";
import { CompletionServer } from "../../src/remote/completionServer";
import { atCursor } from "../support/cursor";
import {
  FakeCompletionServer,
  type FakeCompletionServerOptions,
  type Fault,
} from "../support/fakeCompletionServer";

type Kind = FakeCompletionServerOptions["kind"];
const kinds: readonly Kind[] = ["llama.cpp", "OpenAI-compatible"];

/** Writes the rest of a text, in pieces of three characters. */
function rest(text: string) {
  return (prompt: string): string[] =>
    (text.startsWith(prompt) ? text.slice(prompt.length) : "").match(
      /[^]{1,3}/g,
    ) ?? [];
}

describe("a completion server", () => {
  const fakes: FakeCompletionServer[] = [];
  const servers: CompletionServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) server.configure(defaultServer);
    for (const fake of fakes.splice(0)) await fake.stop();
  });

  async function start(
    options: FakeCompletionServerOptions,
    given: Partial<typeof defaultServer> = {},
  ) {
    const fake = await FakeCompletionServer.start(options);
    const states: (CompletionServerState | undefined)[] = [];
    const server = new CompletionServer((state) => states.push(state));
    fakes.push(fake);
    servers.push(server);
    server.configure({ ...defaultServer, url: fake.url, ...given });
    const isReady = await server.ready();
    const ask = (marked: string, more: Partial<TextOptions> = {}) => {
      const { text, offset } = atCursor(marked);
      return server.generate(
        {
          text,
          start: offset,
          end: offset,
          selectedText: "",
          mayLeave: () => true,
        },
        {
          trigger: "invoked",
          temperature: 0,
          topP: 1,
          seed: 0,
          stoppingCriteria: [],
          maxTokens: 64,
          minConfidence: 0.2,
          whole: "lines",
          signal: new AbortController().signal,
          onText: () => undefined,
          ...more,
        },
      );
    };
    return { fake, server, states, isReady, ask };
  }

  for (const kind of kinds)
    describe(`of the kind ${kind}`, () => {
      it("is asked what it is without text, and then writes", async () => {
        const { fake, states, ask } = await start({
          kind,
          write: rest("return value;"),
          logProbability: -0.01,
        });
        assert.equal(fake.texts.length, 0);
        assert.deepEqual(
          states.map((state) => [state?.state, state?.host]),
          [
            ["asking", fake.host],
            ["ready", fake.host],
          ],
        );
        assert.match(states[1]!.model, new RegExp(`^fake.*\\(${kind}\\)$`));
        const written = await ask("retu█");
        assert.equal(written?.text, "rn value;");
        assert.equal(written?.stop, "end of text");
        const sum = written.tokens.reduce((s, t) => s + t.logProbability, 0);
        assert.ok(Math.abs(sum + 0.04) < 1e-9, String(sum));
      });

      it("is given the text behind where it can use it", async () => {
        const can = await start({
          kind,
          write: (_, suffix) => [suffix.length > 3 ? "yes" : "no"],
        });
        assert.equal((await can.ask("f(█)\nmore"))?.text, "yes");
        const cannot = await start({
          kind,
          canInfill: false,
          write: () => ["x"],
        });
        assert.equal((await cannot.ask("f(█)\nmore"))?.text, "x");
        const { body } = cannot.fake.texts[0]!;
        assert.ok(!JSON.stringify(body).includes("more"));
      });

      it("goes on with a half word as it stands where it would write another", async () => {
        const { fake, ask } = await start({
          kind,
          write: (prompt) => (prompt.endsWith("retu") ? ["rn;"] : ["void"]),
        });
        assert.equal((await ask("x\nretu█"))?.text, "rn;");
        assert.equal(fake.texts.length, 2);
      });

      it("gets the key and nothing without it", async () => {
        const options = { kind, key: "secret", write: () => ["x"] };
        const wrong = await start(options);
        assert.equal(wrong.isReady, false);
        assert.equal(wrong.states.at(-1)?.told?.code, "server refuses key");
        assert.equal(await wrong.ask("a█"), undefined);
        assert.equal(wrong.fake.texts.length, 0);
        const { ask } = await start(options, { key: "secret" });
        assert.equal((await ask("a;█"))?.text, "x");
      });

      it("notices when a request is given up, or has written enough", async () => {
        const { fake, ask } = await start({
          kind,
          write: () => ["a\n", ...Array.from({ length: 50 }, () => "b ")],
          pieceMs: 5,
        });
        assert.equal((await ask("x;█"))?.text, "a");
        await fake.until(() => fake.cancelled === 1 && fake.running === 0);
        const abort = new AbortController();
        const reason = new Error("given up");
        const asked = ask("x;█", {
          minConfidence: 0,
          signal: abort.signal,
          onText: () => abort.abort(reason),
        });
        await assert.rejects(asked, reason);
        await fake.until(() => fake.cancelled === 2 && fake.running === 0);
      });

      const faults: Partial<Record<Fault, string>> = {
        "status 500": "server says no",
        "status 401": "server refuses key",
        "no JSON": "server malformed",
        "other JSON": "server malformed",
        "error event": "server malformed",
        "huge event": "server malformed",
        "huge reply": "server writes too much",
        redirect: "server redirects",
        "web page": "server malformed",
        closes: "server unreachable",
        silent: "server slow",
        slow: "server slow",
      };
      for (const [fault, code] of Object.entries(faults))
        it(`leaves the text to the local model at the fault "${fault}", and recovers`, async () => {
          // Only what comes late is hurried: a busy machine is no fault.
          const isLate = code === "server slow";
          const { fake, states, ask, server } = await start(
            { kind, write: () => ["x"] },
            isLate ? { timeBudget: 150 } : {},
          );
          fake.fault = fault as Fault;
          const trigger = isLate ? "automatic" : "invoked";
          assert.equal(await ask("a;█", { trigger }), undefined);
          assert.equal(states.at(-1)?.state, "failing");
          assert.equal(states.at(-1)?.told?.code, code);
          await fake.until(() => fake.running === 0);
          // For a while it is left alone.
          const { length } = fake.bodies;
          assert.equal(await ask("a;█"), undefined);
          assert.equal(fake.bodies.length, length);
          fake.fault = "none";
          server.configure({ ...defaultServer, url: fake.url });
          await server.ready();
          assert.equal((await ask("a;█"))?.text, "x");
        });

      it("keeps what is whole when the connection breaks, and is then left alone", async () => {
        const { fake, states, ask } = await start({
          kind,
          write: () => ["foo.ba", "r"],
        });
        fake.fault = "broken stream";
        const written = await ask("a;█");
        assert.deepEqual(
          [written?.text, written?.stop],
          ["foo.", "connection lost"],
        );
        assert.equal(states.at(-1)?.told?.code, "server broke off");
      });

      it("is read no longer than it takes when it never ends", async () => {
        const { fake, ask } = await start({ kind });
        fake.fault = "never ends";
        const written = await ask("x█", { maxTokens: 8, trigger: "generate" });
        assert.equal(written?.stop, "token limit");
        assert.equal(written?.tokens.length, 0);
        assert.equal(written?.text.trim().split(" ").length, 8);
        await fake.until(() => fake.running === 0);
      });

      it("does not keep ghost text waiting beyond its time", async () => {
        // Until a piece comes in time, which on a busy machine takes a while.
        for (let timeBudget = 200; ; timeBudget *= 2) {
          const { fake, ask } = await start({ kind }, { timeBudget });
          fake.fault = "never ends";
          const written = await ask("x█", {
            maxTokens: 1e6,
            trigger: "automatic",
          });
          await fake.until(() => fake.running === 0);
          if (written === undefined) continue;
          assert.equal(written.stop, "time budget");
          assert.match(written.text, /^a /);
          break;
        }
      });
    });

  it("is refused where nothing is that completes", async () => {
    const { fake, server, states } = await start(
      { kind: "OpenAI-compatible", models: ["b", "c"] },
      { model: "a" },
    );
    assert.equal(states.at(-1)?.told?.code, "server without model");
    server.configure({ ...defaultServer, url: `${fake.url}/elsewhere` });
    assert.equal(await server.ready(), false);
    assert.equal(states.at(-1)?.told?.code, "server unknown");
    const chats = await start({ kind: "OpenAI-compatible", refuses: 404 });
    assert.equal(chats.isReady, false);
    assert.equal(chats.states.at(-1)?.told?.code, "server unknown");
    server.configure({ ...defaultServer, url: "http://127.0.0.1:9" });
    assert.equal(await server.ready(), false);
    assert.equal(states.at(-1)?.told?.code, "server unreachable");
    server.configure({ ...defaultServer, url: "no address" });
    assert.equal(server.isOn, false);
    assert.equal(states.at(-1)?.told?.code, "server address");
  });

  it("may be behind a gateway that refuses other paths", async () => {
    for (const elsewhere of [400, 403, 404, 405]) {
      const { ask } = await start({
        kind: "OpenAI-compatible",
        elsewhere,
        write: () => ["x"],
      });
      assert.equal((await ask("a;█"))?.text, "x", String(elsewhere));
    }
  });

  it("is shown by a name that is no longer than names are", async () => {
    const models = [`a\n${"x".repeat(10_000)}`];
    const { states } = await start({ kind: "OpenAI-compatible", models });
    const { model } = states.at(-1)!;
    assert.ok(model.length < 120 && !model.includes("\n"), model);
  });

  it("takes the model that is named", async () => {
    const { fake, ask } = await start(
      { kind: "OpenAI-compatible", models: ["b", "c"], write: () => ["x"] },
      { model: "c" },
    );
    await ask("a█");
    assert.equal(fake.texts[0]!.body["model"], "c");
  });

  it("is not asked by ghost text before it is known", async () => {
    const fake = await FakeCompletionServer.start({ kind: "llama.cpp" });
    fakes.push(fake);
    const server = new CompletionServer();
    servers.push(server);
    server.configure({ ...defaultServer, url: fake.url });
    const options = {
      trigger: "automatic",
      signal: new AbortController().signal,
    };
    assert.equal(
      await server.generate(
        { text: "a", start: 1, end: 1, selectedText: "", mayLeave: () => true },
        options as TextOptions,
      ),
      undefined,
    );
    assert.equal(fake.texts.length, 0);
  });

  it("is sent nothing once the text may not leave, not even for a second try", async () => {
    const { fake, server } = await start({
      kind: "llama.cpp",
      write: () => ["void"],
    });
    let asked = 0;
    const prompt = { text: "retu", start: 4, end: 4, selectedText: "" };
    const options = {
      trigger: "automatic" as const,
      temperature: 0,
      topP: 1,
      seed: 0,
      stoppingCriteria: [],
      maxTokens: 8,
      minConfidence: 0,
      whole: "lines" as const,
      signal: new AbortController().signal,
      onText: () => undefined,
    };
    const mayLeave = () => asked++ === 0;
    assert.equal(
      await server.generate({ ...prompt, mayLeave }, options),
      undefined,
    );
    assert.equal(fake.texts.length, 1);
    assert.equal(asked, 2);
  });
});
