import assert from "node:assert/strict";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noCounts, type Row } from "../../../src/client/statistics/counts";
import { StatisticsStore } from "../../../src/client/statistics/store";

const row = (day: string, offered: number, languageId = "go"): Row => ({
  ...noCounts(),
  day,
  languageId,
  model: "bundled",
  offered,
});

describe("the file of figures", () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "rwkv-statistics-"));
    path = join(folder, "storage", "statistics.json");
  });

  afterEach(() => rm(folder, { recursive: true }));

  it("adds up what several windows count", async () => {
    const windows = [new StatisticsStore(path), new StatisticsStore(path)];
    for (let round = 0; round < 3; round++) {
      for (const window of windows) {
        window.count(row("2026-11-28", 1));
        window.count(row("2026-11-28", 2, "python"));
        await window.save();
      }
    }
    const rows = await new StatisticsStore(path).rows();
    assert.deepEqual(
      rows.map(({ languageId, offered }) => [languageId, offered]),
      [
        ["go", 6],
        ["python", 12],
      ],
    );
    assert.deepEqual(await readdir(join(folder, "storage")), [
      "statistics.json",
    ]);
  });

  it("keeps what could not be written for the next time", async () => {
    const store = new StatisticsStore(path);
    store.count(row("2026-11-27", 1));
    await store.save();
    await writeFile(`${path}.lock`, "");
    store.count(row("2026-11-28", 5));
    await assert.rejects(store.save());
    assert.equal((await new StatisticsStore(path).rows()).length, 1);
    assert.equal((await store.rows()).length, 2);
    await rm(`${path}.lock`);
    await store.save();
    assert.deepEqual(
      (await new StatisticsStore(path).rows()).map(({ offered }) => offered),
      [1, 5],
    );
  });

  for (const broken of [
    "",
    "{",
    "null",
    '{"version":1,"rows":[{"day":"x"}]}',
    '{"version":2,"rows":[]}',
    JSON.stringify({
      version: 1,
      rows: [{ ...row("2026-11-28", 1), settings: { often: { shown: 1 } } }],
    }),
  ])
    it(`puts a file aside that holds ${JSON.stringify(broken)}`, async () => {
      const store = new StatisticsStore(path);
      store.count(row("2026-11-28", 1));
      await store.save();
      await writeFile(path, broken);
      assert.deepEqual(await store.rows(), []);
      assert.equal(await readFile(`${path}.broken`, "utf8"), broken);
      store.count(row("2026-11-28", 2));
      await store.save();
      assert.equal((await store.rows())[0]?.offered, 2);
    });

  it("has what a release before has written, and goes on with it", async () => {
    const { settings: _, ...before } = row("2026-11-28", 3);
    await mkdir(join(folder, "storage"));
    await writeFile(path, JSON.stringify({ version: 1, rows: [before] }));
    const store = new StatisticsStore(path);
    assert.deepEqual(await store.rows(), [row("2026-11-28", 3)]);
    const later = row("2026-11-28", 1);
    later.settings.often.shown = 2;
    store.count(later);
    await store.save();
    const [sum] = await new StatisticsStore(path).rows();
    assert.deepEqual([sum?.offered, sum?.settings.often.shown], [4, 2]);
  });

  it("is gone when it is cleared", async () => {
    const store = new StatisticsStore(path);
    store.count(row("2026-11-28", 1));
    await store.save();
    store.count(row("2026-11-28", 1));
    await store.clear();
    assert.deepEqual(await store.rows(), []);
    assert.deepEqual(await readdir(join(folder, "storage")), []);
  });

  it("has four hundred days at most, the last ones", async () => {
    const store = new StatisticsStore(path);
    const day = (n: number) =>
      new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10);
    for (let n = 0; n < 410; n++) store.count(row(day(n), 1));
    const rows = await store.rows();
    assert.equal(rows.length, 400);
    assert.equal(rows[0]?.day, day(10));
  });
});
