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
    settings: {
      often: { shown: 60, compared: 40, right: 20 },
      balanced: { shown: 28, compared: 28, right: 21 },
      rare: { shown: 15, compared: 15, right: 14 },
    },
  },
  {
    ...{ day: "2026-11-28", languageId: "python", model: "rwkv7-0.4b" },
    ...{ offered: 10, accepted: 4, acceptedInPart: 1, right: 5, kept: 5 },
    ...{ characters: 100, keys: 95, withheld: 0 },
    latency: [0, 0, 0, 0, 0, 10, 0, 0, 0],
    settings: {
      often: { shown: 20, compared: 20, right: 10 },
      balanced: { shown: 12, compared: 12, right: 9 },
      rare: { shown: 5, compared: 5, right: 5 },
    },
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

  it("has the same of each day, language and model", () => {
    const named = (name: string) => all.filter(([head]) => head === name);
    const columns = [
      ...["Offered", "Accepted", "Accepted in part", "Kept after a minute"],
      ...["Share right", "Characters accepted", "Keys saved"],
      ...["Not sure enough", "Time, half of them", "Time, 95 of 100"],
    ];
    for (const head of ["Day", "Language", "Model"])
      assert.deepEqual(named(head), [[head, ...columns]]);
    const bundled = ["30", "12", "3", "67%", "60%", "240", "225", "60"];
    const second = ["20", "4", "1", "100%", "35%", "100", "95", "40"];
    const times = {
      first: ["&#60; 100 ms", "1 s or more"],
      second: ["&#60; 200 ms", "&#60; 200 ms"],
    };
    for (const [name, ...cells] of [
      ["2026-11-27", ...bundled, ...times.first],
      ["2026-11-28", ...second, "&#60; 5 ms", "&#60; 200 ms"],
      ["bundled", ...bundled, ...times.first],
      ["rwkv7-0.4b", ...second, "&#60; 5 ms", "&#60; 200 ms"],
      ["go", "40", "12", "3", "67%", "50%", "240", "225", "100"],
      ["python", "10", "4", "1", "100%", "50%", "100", "95", "0"],
    ] as const)
      assert.deepEqual(
        named(name).map((row) => row.slice(0, cells.length + 1)),
        [[name, ...cells]],
      );
    assert.deepEqual(named("python")[0]!.slice(-2), times.second);
    // Ten under 5 ms and thirty others of "go".
    assert.deepEqual(named("go")[0]!.slice(-2), [
      "&#60; 50 ms",
      "&#60; 500 ms",
    ]);
  });

  it("has a chart of each figure by day, language and model, of which one is seen", () => {
    const choices = [...page.matchAll(/<option value="(\w+)"( selected)?>/g)];
    assert.equal(choices.length, 10);
    assert.deepEqual(
      choices.filter(([, , selected]) => selected).map(([, id]) => id),
      ["keys"],
    );
    assert.match(
      page,
      /<label for="figure">[^<]+<\/label>\s*<select id="figure">/,
    );
    const charts = [
      ...page.matchAll(
        /<figure data-figure="(\w+)"( hidden)?>.*?aria-label="(.*?): (.*?)"/g,
      ),
    ];
    assert.equal(charts.length, 3 * 10);
    for (const [, figure, hidden] of charts)
      assert.equal(hidden === undefined, figure === "keys", figure);
    for (const [, id] of choices)
      assert.deepEqual(
        charts.filter(([, figure]) => figure === id).map(([, , , of]) => of),
        ["By day", "By language", "By model"],
      );
    for (const [label, text] of [
      ["2026-11-27", "225"],
      ["2026-11-28", "95"],
      ["go", "50%"],
      ["bundled", "&#60; 100 ms"],
    ])
      assert.ok(page.includes(`<title>${label}: ${text}</title>`), label);
  });

  it("draws shares against the whole, and each other figure against the highest", () => {
    const heights = (figure: string) => {
      const [chart] = page.split(`data-figure="${figure}"`).slice(1);
      return [
        ...chart!
          .split("</figure>")[0]!
          .matchAll(/<rect[^>]* height="([\d.]+)"/g),
      ].map(([, height]) => Number(height));
    };
    assert.deepEqual(heights("right"), [0.6 * 120, 0.35 * 120]);
    assert.deepEqual(heights("offered"), [120, 80]);
    // A second or more is drawn as two seconds.
    assert.deepEqual(heights("slowest"), [120, 12]);
  });

  it("has a chart of times, and the same as words", () => {
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
    for (const [label, count] of times) {
      assert.ok(page.includes(`<title>${label}: ${count}</title>`), label);
      assert.deepEqual(figure(label), [String(count)]);
    }
  });

  it("says what each value of rwkv.suggestions would have shown, and how much of it is right", () => {
    const cells = (of: string, name: string) =>
      tables(of)
        .find(([head]) => head === name)
        ?.slice(1);
    assert.deepEqual(cells(page, "often"), ["80", "2 ×", "50%"]);
    assert.deepEqual(cells(page, "balanced (now)"), ["40", "1 ×", "75%"]);
    assert.deepEqual(cells(page, "rare"), ["20", "0.5 ×", "95%"]);
    assert.match(
      page,
      /about 2 times as many suggestions, 50% of them right .*; now it is 75%/,
    );
    const often = statisticsPage(rows, english, "en", "nonce", {
      setting: "often",
    });
    assert.deepEqual(cells(often, "balanced"), ["40", "0.5 ×", "75%"]);
    assert.doesNotMatch(often, /times as many/);
    const before = statisticsPage(rows.slice(2), english, "en", "nonce");
    assert.doesNotMatch(before, /times as many|rwkv\.suggestions/);
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
