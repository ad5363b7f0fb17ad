import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ggmlTypes } from "../../../src/models/formats/gguf";
import { bitsOf, quantisers } from "./writers/quantise";
import { lowQuantisers } from "./writers/quantiseLow";
import { randomNumbers } from "./writers/random";

/**
 * Random blocks with moderate scales, and what `gguf.quants.dequantize` of the PyPI package gguf
 * 0.19 makes of them (base64; three blocks of each format, 32 values of plain floats), as
 * `fixtures/blocks.py` prints it.
 */
const reference = JSON.parse(
  readFileSync(join(__dirname, "fixtures/blocks.json"), "utf8"),
) as Record<string, { bytes: string; values: string }>;

describe("dequantise", () => {
  const types = [...ggmlTypes.values()];

  for (const [name, { bytes, values }] of Object.entries(reference)) {
    it(`${name} is bit for bit what the gguf package computes`, () => {
      const type = types.find((type) => type.name === name)!;
      const source = Buffer.from(bytes, "base64");
      const expected = Buffer.from(values, "base64");
      const decoded = new Float32Array(
        (source.length / type.bytes) * type.values,
      );
      type.decode(source, decoded);
      deepEqual(Buffer.from(decoded.buffer), expected);
    });
  }

  for (const encoder of [...quantisers, ...lowQuantisers]) {
    const { type } = encoder;
    it(`${type.name} holds values to its resolution`, () => {
      const random = randomNumbers(7);
      const values = Float32Array.from({ length: 512 }, () => random() - 0.5);
      const bytes = encoder.encode(values);
      equal(bytes.length, (512 / type.values) * type.bytes);
      const decoded = new Float32Array(512);
      type.decode(bytes, decoded);
      const worst = Math.max(
        ...values.map((x, i) => Math.abs(x - decoded[i]!)),
      );
      ok(worst < 1.2 / 2 ** bitsOf(type), `off by ${worst}`);
    });
  }
});
