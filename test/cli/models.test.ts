import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readManifest } from "../../src/models/package/modelPackage";
import { FakeHub } from "../support/fakeHub";
import { publish } from "../support/officialRepository";
import { run } from "../support/run";

const entry = join(__dirname, "../../src/cli/models.ts");
const complete = join(__dirname, "../../src/cli/complete.ts");
const older = "rwkv7-g1-0.1b-20250307-ctx4096";
const newest = "rwkv7-g1d-0.1b-20260129-ctx8192";

describe("rwkv-models", function () {
  this.timeout(120_000);
  let hub: FakeHub;
  let root: string;
  let models: string;

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "rwkv-models-"));
    models = join(root, "models");
    hub = await FakeHub.start();
    publish(hub, [`${older}.pth`, `${newest}.pth`]);
  });
  afterEach(async () => {
    await hub.stop();
    rmSync(root, { recursive: true, force: true });
  });

  const options = () => ["--models", models, "--endpoint", hub.address];
  const start = (...args: string[]) => run(entry, [...args, ...options()]);

  it("downloads the newest of a size, makes a model of it that completes, and deletes it", async () => {
    const got = await start("get", "0.1b");
    assert.equal(got.stderr, "");
    assert.equal(got.code, 0);
    // Neither the checkpoint nor its folder is left.
    assert.deepEqual(readdirSync(models), [newest]);
    const folder = join(models, newest);
    const { name, license, tokenizer, quantisation } = readManifest(folder);
    assert.deepEqual(
      { name, license, quantisation, kind: tokenizer.kind },
      {
        name: newest,
        license: "Apache-2.0",
        quantisation: "int8",
        kind: "world",
      },
    );

    const file = join(root, "a.ts");
    writeFileSync(file, "const a = 1;\nlet ");
    const args = [`${file}:2:5`, "--json", "--model", folder];
    const completed = await run(complete, args);
    assert.equal(completed.code, 0, completed.stderr);
    const { tokens } = JSON.parse(completed.stdout) as { tokens: number };
    assert.ok(tokens > 0);

    const listed = await start("list");
    assert.equal(listed.code, 0);
    assert.match(listed.stdout, /^bundled\t/);
    assert.match(
      listed.stdout,
      new RegExp(
        `\\n${newest}\tRWKV-7\tint8\tApache-2.0\t.* MB of memory\tabout [\\d.e+]+ tokens/s\t`,
      ),
    );
    const removed = await start("rm", newest);
    assert.equal(removed.code, 0, removed.stderr);
    assert.deepEqual(readdirSync(models), []);
  });

  it("lists what is there without asking anybody, and what is available when it is told to", async () => {
    const here = await start("list");
    assert.equal(here.code, 0);
    assert.match(here.stdout, /\n0\.4B\tavailable\t902 MB to download/);
    assert.deepEqual(hub.asked, []);
    const { stdout } = await start("list", "--available");
    const available = stdout
      .split("\n")
      .filter((line) => line.includes("avai"));
    assert.deepEqual(
      available.map((line) => line.split("\t")[0]),
      [newest, older],
    );
  });

  it("takes a checkpoint by its name, keeps it if told to, and finds the vocabulary elsewhere", async () => {
    await hub.stop();
    hub = await FakeHub.start();
    publish(hub, [`${older}.pth`], { vocabularyIn: "RWKV/rwkv-6-world-1b6" });
    const got = await start("get", `${older}.pth`, "--keep");
    assert.equal(got.code, 0, got.stderr);
    assert.deepEqual(readdirSync(join(models, "downloads", older)).sort(), [
      `${older}.pth`,
      "rwkv_vocab_v20230424.txt",
    ]);
    assert.equal(readManifest(join(models, older)).tokenizer.kind, "world");
  });

  it("goes on after it was killed, and makes the same model", async () => {
    hub.fault = ({ server }) =>
      server === "cdn" ? { kind: "silent", after: 200_000 } : undefined;
    const args = ["-r", "tsx/cjs", entry, "get", older, ...options()];
    const child = spawn(process.execPath, args, { stdio: "ignore" });
    const ended = once(child, "exit");
    const part = join(models, "downloads", older, `${older}.pth.part`);
    while (!existsSync(part) || readFileSync(part).length < 200_000)
      await sleep(10);
    child.kill("SIGKILL");
    await ended;
    assert.equal(existsSync(join(models, older)), false);
    hub.fault = () => undefined;
    hub.asked.length = 0;
    const got = await start("get", older);
    assert.equal(got.code, 0, got.stderr);
    assert.deepEqual(
      hub.contentRequests.map(({ headers }) => headers.range),
      ["bytes=200000-"],
    );
    assert.deepEqual(readdirSync(models), [older]);
  });

  it("makes no model of a damaged file", async () => {
    hub.fault = ({ server }) =>
      server === "cdn" ? { kind: "corrupt", at: 99_999 } : undefined;
    const got = await start("get", older);
    assert.equal(got.code, 2);
    assert.match(got.stderr, /does not match its checksum[^\n]*\n$/);
    assert.equal(existsSync(join(models, older)), false);
  });

  for (const [args, message] of [
    [["get", "0.3b"], /there is no official checkpoint 0\.3b; choose one of\n/],
    [["rm", "nothing"], /has no model nothing/],
    [["rm", ".."], /has no model \.\./],
    [["get"], /^Usage/],
    [["get", "0.1b", "--quantize", "int3"], /^Usage/],
    [["list", "0.1b"], /^Usage/],
  ] as const)
    it(`refuses ${args.join(" ")}`, async () => {
      const { code, stderr } = await start(...args);
      assert.equal(code, 2);
      assert.match(stderr, message);
    });

  it("asks nobody over a connection that others can read", async () => {
    const args = ["get", "0.1b", "--endpoint", "http://example.invalid"];
    const { code, stderr } = await run(entry, args);
    assert.equal(code, 2);
    assert.match(stderr, /"http:\/\/example\.invalid" is no address/);
  });

  it("deletes nothing but models of ours", async () => {
    const folder = join(models, "mine");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "manifest.json"), "{}");
    const { code } = await start("rm", "mine");
    assert.equal(code, 2);
    assert.deepEqual(readdirSync(folder), ["manifest.json"]);
  });
});
