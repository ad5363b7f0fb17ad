import assert from "node:assert/strict";
import type { Manifest } from "../../../src/models/package/manifest";
import { weightBytes } from "../../../src/models/package/weightBytes";

const manifest = (
  quantisation: Manifest["quantisation"],
  bytes: number,
): Manifest =>
  ({
    vocabulary: 1000,
    width: 64,
    quantisation,
    files: { "weights.bin": { bytes, sha256: "" } },
  }) as unknown as Manifest;

describe("weightBytes", () => {
  it("leaves out the embedding, of 2 bytes a value, in what a token reads", () => {
    for (const quantisation of ["int8", "int4"] as const)
      assert.deepEqual(weightBytes(manifest(quantisation, 500_000)), {
        bytes: 500_000,
        bytesPerToken: 372_000,
      });
  });

  it("knows that it has 4 bytes a value without quantisation", () => {
    assert.deepEqual(weightBytes(manifest("none", 500_000)), {
      bytes: 500_000,
      bytesPerToken: 244_000,
    });
  });

  it("never counts fewer than none", () => {
    assert.equal(weightBytes(manifest("none", 1000)).bytesPerToken, 0);
  });
});
