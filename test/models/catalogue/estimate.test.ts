import assert from "node:assert/strict";
import { measureBandwidth } from "../../../src/models/catalogue/bandwidth";
import { officialSizes } from "../../../src/models/catalogue/catalogue";
import { needs, tokensPerSecond } from "../../../src/models/catalogue/estimate";

/** Layers and width of the official sizes, from their authors' model cards. */
const official: Record<string, [layers: number, width: number]> = {
  "0.1B": [12, 768],
  "0.4B": [24, 1024],
  "1.5B": [24, 2048],
  "2.9B": [32, 2560],
  "7.2B": [32, 4096],
  "13.3B": [61, 4096],
};

describe("what a checkpoint will need", () => {
  for (const { sizeName, bytes, matrixParameters } of officialSizes)
    it(`has the sizes of ${sizeName}`, () => {
      const [layers, width] = official[sizeName]!;
      // Four matrices of the time mix, two of four times the width, and the head.
      const large = layers * 12 * width * width + 65_536 * width;
      assert.ok(
        matrixParameters > large && matrixParameters < 1.15 * large,
        `${large}`,
      );
      const others = bytes / 2 - matrixParameters - 65_536 * width;
      assert.ok(Math.abs(others) < 0.02 * (bytes / 2), `${others}`);
    });

  it("is what an import of the 0.1B shape makes", () => {
    // An import of this shape in 8 bits wrote 245 MiB of weights.
    const { bytes } = needs(382e6, "0.1B", "int8");
    assert.ok(Math.abs(bytes / 2 ** 20 - 245) < 3, `${bytes}`);
  });

  it("falls with the bits, and is estimated for other sizes, too", () => {
    for (const sizeName of ["0.4B", "0.7B"]) {
      const all = (["none", "int8", "int4"] as const).map((quantisation) =>
        needs(902e6, sizeName, quantisation),
      );
      for (let i = 1; i < all.length; i++) {
        assert.ok(all[i]!.bytes < all[i - 1]!.bytes);
        assert.ok(all[i]!.bytesPerToken < all[i - 1]!.bytesPerToken);
      }
      assert.ok(all[0]!.bytes >= 2 * 902e6 - 1);
      for (const { bytes, bytesPerToken } of all)
        assert.ok(bytes >= bytesPerToken);
    }
  });
});

describe("tokens a second", () => {
  it("are near those that docs/speed.md measured at the 0.1B shape", () => {
    const { bytesPerToken } = needs(382e6, "0.1B", "int8");
    // 23.4 GB/s and 10.1 ms a token with one thread, 33.9 GB/s and 8.67 ms with two.
    for (const [bandwidth, ms] of [
      [23.4e9, 10.1],
      [33.9e9, 8.67],
    ] as const) {
      const ratio = tokensPerSecond(bandwidth, bytesPerToken) / (1000 / ms);
      assert.ok(ratio > 0.8 && ratio < 1.25, `${ratio}`);
    }
  });

  it("follow a bandwidth that is measured", async function () {
    this.timeout(20_000);
    const bandwidth = await measureBandwidth();
    // From a computer of the nineties to one that is not built.
    assert.ok(bandwidth > 1e8 && bandwidth < 1e13, `${bandwidth}`);
  });
});
