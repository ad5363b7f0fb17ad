import assert from "node:assert/strict";
import { unitPlot } from "../../bench/unitPlot";

describe("plot of shares", () => {
  const svg = unitPlot("t", { x: "a", y: "b" }, [
    {
      name: "line",
      points: [
        [0, 0],
        [0.5, 1],
      ],
      colour: "#123456",
      labels: ["zero", "top"],
    },
  ]);

  it("has 0 at the bottom left and 100 % at the top right", () => {
    const [first, second] = [...svg.matchAll(/cx="([\d.]+)" cy="([\d.]+)"/g)];
    const [left, bottom] = [Number(first![1]), Number(first![2])];
    const [middle, top] = [Number(second![1]), Number(second![2])];
    assert.ok(middle > left && top < bottom);
    assert.equal(2 * (middle - left), bottom - top);
    assert.match(
      svg,
      new RegExp(`points="${left},${bottom} ${middle},${top}"`),
    );
  });

  it("names lines and points", () => {
    for (const text of [">line<", ">zero<", ">top<", ">100 %<"])
      assert.ok(svg.includes(text));
  });
});
