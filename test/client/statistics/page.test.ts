import assert from "node:assert/strict";
import { noCounts, type Row } from "../../../src/client/statistics/counts";
import { statisticsPage } from "../../../src/client/statistics/page";
import { english } from "../../../src/messages";
import { chinese } from "../../support/toldInChinese";

const rows: Row[] = [
  {
    ...{ day: "2026-11-27", languageId: "go", model: "bundled" },
    ...{ offered: 30, accepted: 12, acceptedInPart: 3, right: 18, kept: 10 },
    ...{ characters: 240, keys: 225, withheld: 60 },
    latency: [1, 2, 3, 4, 5, 6, 7, 0, 2],
  },
  {
    ...{ day: "2026-11-28", languageId: "python", model: "rwkv7-0.4b" },
    ...{ offered: 10, accepted: 4, acceptedInPart: 1, right: 5, kept: 5 },
    ...{ characters: 100, keys: 95, withheld: 0 },
    latency: [0, 0, 0, 0, 0, 10, 0, 0, 0],
  },
  {
    ...{ day: "2026-11-28", languageId: "go", model: "rwkv7-0.4b" },
    ...{ ...noCounts(), offered: 10, right: 2, withheld: 40 },
    latency: [10, 0, 0, 0, 0, 0, 0, 0, 0],
  },
];

/** The rows of the tables, in their order: head and cells. */
function tables(page: string): string[][] {
  return [...page.matchAll(/<tr>([^]*?)<\/tr>/g)].map(([, row]) =>
    [...row!.matchAll(/<t[hd][^>]*>([^<]*)<\/t[hd]>/g)].map(([, cell]) =>
      cell!.replaceAll("\u00a0", " "),
    ),
  );
}

describe("the page of statistics", () => {
  const page = statisticsPage(rows, english, "en", "nonce");
  const all = tables(page);
  const figure = (name: string) =>
    all.find(([head]) => head === name)?.slice(1);

  it("has each figure, with its share where it has one", () => {
    for (const [name, value] of [
      ["Suggestions offered", "50"],
      ["Accepted as a whole", "16 (32%)"],
      ["Accepted by words or lines, as far as edits tell", "4"],
      // Of all acceptances, whole and in part.
      ["Acceptances that still stood after a minute", "15 (75%)"],
      ["Right as a whole, accepted or typed", "25 (50%)"],
      ["Characters accepted", "340"],
      ["Keys saved", "320"],
      ["Requests without a suggestion that is sure enough", "100"],
    ] as const)
      assert.deepEqual(figure(name), [value], name);
  });

  it("has them by language and by model", () => {
    assert.deepEqual(
      all.filter(([head]) =>
        ["go", "python", "bundled", "rwkv7-0.4b"].includes(head!),
      ),
      [
        // Offered, accepted, in part, share right, keys saved.
        ["go", "40", "12", "3", "50%", "225"],
        ["python", "10", "4", "1", "50%", "95"],
        ["bundled", "30", "12", "3", "60%", "225"],
        ["rwkv7-0.4b", "20", "4", "1", "35%", "95"],
      ],
    );
  });

  it("has charts of days and of times, and the same as words", () => {
    assert.match(page, /<title>2026-11-27: 225<\/title>/);
    assert.match(page, /<title>2026-11-28: 95<\/title>/);
    const times = [
      ["under 5 ms", 11],
      ["under 10 ms", 2],
      ["under 20 ms", 3],
      ["under 50 ms", 4],
      ["under 100 ms", 5],
      ["under 200 ms", 16],
      ["under 500 ms", 7],
      ["under 1000 ms", 0],
      ["1000 ms or more", 2],
    ] as const;
    for (const [label, count] of times)
      assert.ok(page.includes(`<title>${label}: ${count}</title>`), label);
  });

  it("says what the setting of confidence withholds, where it withholds anything", () => {
    assert.match(page, /"often"|&#34;often&#34;|&quot;often&quot;/);
    assert.match(page, /up to 3 times as many/);
    const none = statisticsPage(rows.slice(1, 2), english, "en", "nonce");
    assert.doesNotMatch(none, /times as many/);
  });

  it("offers to export and to clear the figures, which stay on this machine", () => {
    for (const message of ["export", "clear"])
      assert.match(
        page,
        new RegExp(`<button type="button" data-message="${message}">`),
      );
    assert.match(page, /kept on this machine alone/);
  });

  it("is in Chinese as a whole", () => {
    const translated = statisticsPage(rows, chinese, "zh-cn", "nonce");
    const words = translated
      .replace(/<(style|script)[^]*?<\/\1>|<[^>]*>/g, " ")
      .replace(/rwkv[\w.-]*|&[^;]+;/gi, " ");
    assert.doesNotMatch(words, /[a-z]+ [a-z]+ [a-z]+/i);
  });
});
