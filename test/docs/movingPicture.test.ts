import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { animatedPng, chunksOf } from "../../scripts/apng.mjs";

const root = join(__dirname, "..", "..");
const picture = readFileSync(join(root, "docs", "typing.png"));

describe("the moving picture", () => {
  it("has at most 2 MB, moves, and comes to rest", () => {
    assert.ok(picture.length <= 2_000_000);
    const chunks = chunksOf(picture);
    const control = chunks.find(({ type }) => type === "acTL")!.data;
    assert.ok(control.readUInt32BE(0) > 10, "frames");
    assert.ok(control.readUInt32BE(4) > 0, "it would play for ever");
  });

  it("is in both READMEs, with a still one for those who want no motion", () => {
    for (const name of ["README.md", "README.zh-cn.md"])
      assert.match(
        readFileSync(join(root, name), "utf8"),
        /media="\(prefers-reduced-motion: reduce\)" srcset="docs\/ghost-text\.png">\s*<img src="docs\/typing\.png" alt="[^"]+/,
      );
  });

  it("keeps the pixels of every frame, and numbers them", () => {
    const still = readFileSync(join(root, "docs", "ghost-text.png"));
    const frames = [20, 300].map((ms) => ({ png: still, ms }));
    const chunks = chunksOf(animatedPng(frames, 1));
    const pixels = (type: string, skipped: number) =>
      inflateSync(
        Buffer.concat(
          chunks
            .filter((chunk) => chunk.type === type)
            .map(({ data }) => data.subarray(skipped)),
        ),
      );
    assert.ok(pixels("IDAT", 0).equals(pixels("fdAT", 4)));
    const numbers = chunks
      .filter(({ type }) => type === "fcTL" || type === "fdAT")
      .map(({ data }) => data.readUInt32BE(0));
    assert.deepEqual(numbers, [...numbers.keys()]);
    assert.throws(
      () =>
        animatedPng(
          [
            { png: still, ms: 1 },
            { png: readFileSync(join(root, "media", "icon.png")), ms: 1 },
          ],
          1,
        ),
      /another size/,
    );
  });
});
