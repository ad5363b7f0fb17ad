import assert from "node:assert/strict";
import fc from "fast-check";
import { FakeCompletionServer } from "../../support/fakeCompletionServer";
import { positionAt, ServerProcess } from "../../support/serverProcess";
import { atCursor } from "../../support/cursor";

const uri = "file:///w/a.ts";

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("a completion server behind the engine", () => {
  let fake: FakeCompletionServer;
  let engine: ServerProcess | undefined;

  afterEach(async () => {
    await engine?.stop();
    engine = undefined;
    await fake.stop();
  });

  const serverState = () => engine!.statuses.at(-1)?.server;

  async function start(
    write: (prompt: string, suffix: string) => readonly string[],
    settings: { exclude?: string[]; suggestions?: "rare" } = {},
    configuration?: () => unknown,
    logProbability = -0.2,
  ): Promise<ServerProcess> {
    fake = await FakeCompletionServer.start({
      kind: "llama.cpp",
      write,
      logProbability,
      key: "secret",
    });
    engine = await ServerProcess.start({
      texts: ["let a = local;\n"],
      initializationOptions: {
        // A busy machine is no slow server.
        server: { url: fake.url, key: "secret", timeBudget: 30_000 },
        settings: settings,
      },
      ...(configuration && { configuration }),
    });
    return engine;
  }

  it("writes the suggestions; where it fails the local model does, and the status says so", async () => {
    const { open, suggestion, events } = await bound(
      start(() => [" far", ";"]),
    );
    await open(uri, "let a =█");
    await engine!.ready();
    await until(() => serverState()?.state === "ready");
    assert.equal(serverState()?.host, fake.host);
    assert.equal(await suggestion(uri, "let a =█"), " far;");
    const event = events.at(-1)!;
    assert.ok("reason" in event && event.reason === "generated");
    assert.equal(event.model, `fake.gguf @ ${fake.host}`);
    assert.ok(Math.abs(event.confidence! - Math.exp(-0.4)) < 1e-9);

    fake.fault = "status 500";
    await engine!.edit(uri, "let a = █");
    // What was shown is typed through; by hand it is asked for anew.
    assert.equal(await suggestion(uri, "let a = █", 1), "local;");
    await until(() => serverState()?.state === "failing");
    assert.ok(!engine!.log.some((line) => line.includes("secret")));
  });

  it("is asked for no more than is sure enough", async () => {
    const { open, suggestion } = await bound(
      // Two of them are likely enough (0.70), three are not (0.58).
      start(
        () => [" far", ".away", ".from;"],
        { suggestions: "rare" },
        undefined,
        -0.18,
      ),
    );
    await open(uri, "let a =█");
    await until(() => serverState()?.state === "ready");
    assert.equal(await suggestion(uri, "let a =█"), " far.away");
    const event = engine!.events.at(-1)!;
    assert.ok("reason" in event);
    assert.deepEqual(event.settings, ["often", "balanced", "rare"]);
    assert.equal(event.withheld, undefined);
  });

  it("tells which settings would show what is not sure enough, and the log does not", async () => {
    const { open, suggestion } = await bound(
      start(() => [" far", ".away"], { suggestions: "rare" }, undefined, -0.5),
    );
    await open(uri, "let a =█");
    await until(() => serverState()?.state === "ready");
    assert.equal(await suggestion(uri, "let a =█"), "");
    // The answer does not wait for that.
    assert.equal(engine!.events.length, 0);
    await until(() => engine!.events.length > 0);
    const event = engine!.events.at(-1)!;
    assert.ok("reason" in event);
    assert.equal(event.reason, "not sure enough");
    assert.deepEqual(event.settings, ["often", "balanced"]);
    const position = positionAt("let a =", 7);
    assert.deepEqual(event.withheld, { position, text: " far" });
    assert.ok(!engine!.log.join().includes("far"), engine!.log.join("\n"));
    // By hand it is shown, whatever the setting.
    assert.equal(await suggestion(uri, "let a =█", 1), " far.away");
    const byHand = engine!.events.at(-1)!;
    assert.ok("reason" in byHand);
    assert.equal(byHand.settings, undefined);
  });

  it("writes what Generate streams, and the local model where it fails", async () => {
    const { open } = await bound(start(() => [" one", " two", "\n", "three"]));
    await open(uri, "let a =█");
    await until(() => serverState()?.state === "ready");
    const generate = (position: { line: number; character: number }) =>
      engine!.connection.sendRequest<{ text: string; reason: string }>(
        "rwkv/generate",
        { textDocument: { uri }, position },
      );
    const position = positionAt("let a =", 7);
    const { text, reason } = await generate(position);
    assert.deepEqual([text, reason], [" one two\nthree", "end of text"]);
    fake.fault = "broken stream";
    const broken = await generate(position);
    assert.deepEqual([broken.text, broken.reason], [" ", "connection lost"]);
    const local = await generate(position);
    assert.equal(local.text, " local;\n");
  });

  it("is told when nobody wants its text any more", async () => {
    await start(() => Array.from({ length: 60 }, () => "a "));
    fake.fault = "never ends";
    await engine!.open(uri, "let a =█");
    await until(() => serverState()?.state === "ready");
    const first = engine!.complete(uri, "let a =█", undefined, 1);
    await fake.until(() => fake.running === 1);
    await engine!.close(uri);
    assert.deepEqual(await first, []);
    await fake.until(() => fake.running === 0);
  });

  it("takes another server, or none, from the client", async () => {
    const { open, suggestion } = await bound(start(() => [" far;"]));
    await open(uri, "let a =█");
    await engine!.ready();
    await until(() => serverState()?.state === "ready");
    await engine!.connection.sendNotification("rwkv/completionServer", {
      url: "",
    });
    assert.equal(await suggestion(uri, "let a =█"), " local;");
    assert.equal(serverState(), undefined);
    assert.equal(fake.texts.length, 0);
  });

  it("is never sent a word of what is excluded", async () => {
    let excluded: string[] = [];
    const names = ["a.ts", ".env", "secrets/b.ts", "c.ts", "id_rsa"];
    const isExcluded = (name: string) =>
      /^\.env$|^id_rsa$/.test(name) ||
      excluded.some((glob) => name.startsWith(glob));
    await start(
      () => [" x"],
      {},
      () => ({ exclude: excluded, timeBudget: 10_000 }),
    );
    let words = 0;
    const texts = new Map<string, string>();
    const secret = new Set<string>();
    const uriOf = (name: string) => `file:///w/${name}`;
    const step = fc.tuple(
      fc.constantFrom("edit", "ask", "generate", "exclude"),
      fc.constantFrom(...names),
      fc.subarray(["a.ts", "secrets", "c.ts"]),
    );
    for (const name of names) {
      const word = `word${words++}q`;
      texts.set(name, `${word} =█`);
      if (isExcluded(name)) secret.add(word);
      await engine!.open(uriOf(name), `${word} =█`);
    }
    await until(() => serverState()?.state === "ready");
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        for (const [what, name, globs] of steps) {
          const marked = texts.get(name)!;
          if (what === "exclude") {
            excluded = globs;
            // What is no longer excluded may be sent as it stands now.
            for (const [other, text] of texts)
              if (!isExcluded(other)) secret.delete(text.split(" ")[0]!);
            await engine!.connection.sendNotification(
              "workspace/didChangeConfiguration",
              { settings: null },
            );
          } else if (what === "edit") {
            const word = `word${words++}q`;
            if (isExcluded(name)) secret.add(word);
            texts.set(name, `${word} =█`);
            await engine!.edit(uriOf(name), `${word} =█`);
          } else if (what === "ask")
            void engine!.complete(uriOf(name), marked, undefined, 1);
          else {
            const { text, offset } = atCursor(marked);
            const asked = engine!.connection.sendRequest("rwkv/generate", {
              textDocument: { uri: uriOf(name) },
              position: positionAt(text, offset),
            });
            asked.catch(() => undefined);
          }
        }
        await engine!.figures();
      }),
      { numRuns: 30 },
    );
    await engine!.suggestion(uriOf("c.ts"), texts.get("c.ts")!, 1);
    assert.ok(fake.texts.length > 0, "nothing was ever sent");
    for (const body of fake.bodies)
      for (const word of secret) assert.ok(!body.includes(word), word);
  });
});

/** The methods of an engine that are called often. */
async function bound(starting: Promise<ServerProcess>) {
  const engine = await starting;
  return {
    open: engine.open.bind(engine),
    suggestion: engine.suggestion.bind(engine),
    events: engine.events,
  };
}
