import assert from "node:assert/strict";
import type { FoundTokenizer } from "../../../src/models/import/foundTokenizer";
import fc from "fast-check";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportModel } from "../../../src/models/export/exportModel";
import type { CheckpointWeights } from "../../../src/models/formats/checkpoint";
import { encodeFp32 } from "../../../src/models/formats/encode";
import { gguf, writeGgufFile } from "../../../src/models/formats/ggufFile";
import { openCheckpoint } from "../../../src/models/formats/open";
import { writeGguf } from "../../../src/models/formats/writeGguf";
import { writeSafetensors } from "../../../src/models/formats/writeSafetensors";
import { ggufBpe } from "../../../src/models/import/ggufTokenizer";
import { findTokenizer } from "../../../src/models/import/importTokenizer";
import { importModel } from "../../support/importModel";
import { byteAlphabet } from "../../../src/tokenizer/byteAlphabet";
import { BpeTokenizer, type BpeFile } from "../../../src/tokenizer/bpe";
import { bytesOfText, encode } from "../../../src/tokenizer/tokenizer";
import { tinyTokenizer } from "../../support/tinyModel";
import {
  smallTokenizerJson,
  smallWorldVocabulary,
} from "../../tokenizer/support/smallVocabularies";
import { MemoryWeights } from "../formats/writers/memoryWeights";
import { randomModel, smallSize } from "../formats/writers/randomModel";

describe("the tokenizer of an imported model", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "rwkv-tokenizer-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, contents: string) =>
    writeFileSync(join(folder, name), contents);
  const found = async (
    source: string,
    vocabulary: number,
  ): Promise<FoundTokenizer> => {
    const opened = openCheckpoint(source);
    try {
      return await findTokenizer(opened, vocabulary);
    } finally {
      opened.close();
    }
  };
  const checkpoint = (vocabulary: number) => {
    const path = join(folder, "model.safetensors");
    const size = { ...smallSize, layers: 1, width: 32, ffn: 32, vocabulary };
    writeSafetensors(
      path,
      new MemoryWeights(randomModel("7", size)),
      encodeFp32,
    );
    return path;
  };

  describe("in our own GGUF", () => {
    const vocabulary = 264 + tinyTokenizer.merges.length + 5;

    it("comes back with the model, alone in a folder", async () => {
      write("tokenizer.json", JSON.stringify(tinyTokenizer));
      const source = checkpoint(vocabulary);
      mkdirSync(join(folder, "alone"));
      const first = join(folder, "alone", "first.gguf");
      await exportModel(source, first, { type: "f16" });
      const out = join(folder, "package");
      const signal = new AbortController().signal;
      const { manifest } = await importModel(first, out, {
        quantisation: "none",
        signal,
      });
      assert.deepEqual(manifest.tokenizer, {
        kind: "bpe",
        file: "tokenizer.json",
      });
      assert.deepEqual(manifest.documentStart, { file: 0, text: 1 });
      assert.deepEqual(
        JSON.parse(readFileSync(join(out, "tokenizer.json"), "utf8")),
        tinyTokenizer,
      );
      // And again: the second file is the first one, byte for byte.
      const second = join(folder, "alone", "second.gguf");
      await exportModel(first, second, { type: "f16", name: "first" });
      assert.ok(readFileSync(second).equals(readFileSync(first)));
    });

    it("is the bundled model's, merge for merge", async () => {
      const path = join(__dirname, "../../../media/model/tokenizer.json");
      const file = JSON.parse(readFileSync(path, "utf8")) as BpeFile;
      const back = await fromGguf(file, 8192);
      assert.deepEqual(contentsOf(back), file);
      const tokenizer = new BpeTokenizer(file);
      fc.assert(
        fc.property(fc.string({ unit: "binary" }), (text) => {
          const bytes = bytesOfText(text);
          assert.deepEqual(
            encode(back.tokenizer, bytes),
            encode(tokenizer, bytes),
          );
        }),
        { numRuns: 50 },
      );
    });

    it("is any that can be learnt, unless two of its tokens are the same text", async () => {
      const pairs = fc.array(fc.tuple(fc.nat(400), fc.nat(400)), {
        maxLength: 40,
      });
      await fc.assert(
        fc.asyncProperty(pairs, fc.nat(9), async (choices, specials) => {
          const file = bpeOf(choices, specials);
          const texts = file.merges.map((_, i) =>
            Buffer.from(
              new BpeTokenizer(file).bytesOf(specials + 256 + i),
            ).toString("hex"),
          );
          const clear = new Set(texts).size === texts.length;
          const size = specials + 256 + file.merges.length + 3;
          if (clear)
            assert.deepEqual(contentsOf(await fromGguf(file, size)), file);
          else await assert.rejects(fromGguf(file, size), /are the same text/);
        }),
        { numRuns: 60 },
      );
    });

    /** What is found in a GGUF that holds no more than this tokenizer. */
    function fromGguf(file: BpeFile, size: number): Promise<FoundTokenizer> {
      const path = join(folder, "t.gguf");
      const metadata = new Map([
        ["general.architecture", gguf.text("rwkv7")],
        ...ggufBpe(file, size),
      ]);
      writeGgufFile(path, metadata, []);
      return found(path, size);
    }

    it("is not taken for ours where it is GPT-2's", async () => {
      // Printable bytes first, as in GPT-2's vocabulary.
      const printable = [...byteAlphabet].sort();
      const path = join(folder, "gpt2.gguf");
      writeGgufFile(
        path,
        new Map([
          ["general.architecture", gguf.text("rwkv7")],
          ["tokenizer.ggml.model", gguf.text("gpt2")],
          ["tokenizer.ggml.tokens", gguf.texts([...printable, "ab"])],
          ["tokenizer.ggml.merges", gguf.texts(["a b"])],
        ]),
        [],
      );
      await assert.rejects(
        found(path, 300),
        /gpt2\.gguf has a tokenizer of a kind that is not read \("gpt2"\); put the model's tokenizer\.json beside it/,
      );
    });

    it("has to belong to the model", async () => {
      const path = join(folder, "other.gguf");
      const size = { ...smallSize, vocabulary: 200 };
      writeGguf(
        path,
        new MemoryWeights(randomModel("7", size)),
        {
          ...size,
          generation: "7",
          heads: 2,
          tiedHead: false,
          preNormalised: false,
        },
        { name: "o", metadata: ggufBpe(tinyTokenizer, 267) },
      );
      await assert.rejects(found(path, 200), /267 tokens, the model 200/);
    });
  });

  describe("beside the file", () => {
    const official = join(
      __dirname,
      "../../../../shared/fixtures/tokenizers/rwkv_vocab_v20230424.txt",
    );

    it("is the World vocabulary under its usual name", async function () {
      if (!existsSync(official)) this.skip();
      const source = checkpoint(65_536);
      copyFileSync(official, join(folder, "rwkv_vocab_v20230424.txt"));
      const { spec, tokenizer, documentStart } = await found(source, 65_536);
      assert.equal(spec.kind, "world");
      assert.deepEqual(documentStart, { tokens: [0] });
      assert.deepEqual(
        encode(tokenizer, bytesOfText("Hello world")),
        [33155, 40213],
      );
    });

    const names = [
      "rwkv_vocab_v20230424.txt",
      "rwkv_vocab.txt",
      "RWKV-vocab-v20230424.txt",
      "b_rwkv_vocab_v20230424.txt",
      "vocab.txt",
    ];
    for (const name of names) {
      it(`is a World vocabulary called ${name}`, async () => {
        write(name, smallWorldVocabulary());
        assert.equal((await found(checkpoint(320), 320)).spec.kind, "world");
      });
    }

    it("is the one that fits, whatever else lies there", async () => {
      const other = smallTokenizerJson();
      other.model.vocab.xyz = 5000;
      write("tokenizer.json", JSON.stringify(other));
      write("a_tokenizer.json", "{");
      write("vocab.txt", "[PAD]\n[CLS]\n");
      write("rwkv_vocab_v20230424.txt", smallWorldVocabulary());
      const { spec, file } = await found(checkpoint(320), 320);
      assert.equal(spec.kind, "world");
      assert.deepEqual(file, {
        source: join(folder, "rwkv_vocab_v20230424.txt"),
      });
    });

    it("is refused in words where none fits", async () => {
      const other = smallTokenizerJson();
      other.model.vocab.xyz = 5000;
      write("tokenizer.json", JSON.stringify(other));
      await assert.rejects(
        found(checkpoint(320), 320),
        /tokenizer\.json has 5001 tokens, the model 320/,
      );
    });

    it("is named, with where to get it, where it is missing", async () => {
      await assert.rejects(
        found(checkpoint(65_536), 65_536),
        /has no tokenizer of its own; put the model's rwkv_vocab_v20230424\.txt beside it \(every RWKV World model has the same.*--tokenizer$/,
      );
      const inVain: Pick<CheckpointWeights, "path" | "metadata"> = {
        path: join(folder, "m.bin"),
        metadata: new Map(),
      };
      await assert.rejects(
        findTokenizer(inVain as CheckpointWeights, 50_277),
        /tokenizer\.json beside it, or name/,
      );
    });
  });
});

/** A BPE whose merges join what exists by then. */
function bpeOf(
  choices: readonly [number, number][],
  specials: number,
): BpeFile {
  return {
    format: "rwkv-bpe",
    version: 1,
    specials: Array.from({ length: specials }, (_, i) => `<|s${i}|>`),
    merges: choices.map(([left, right], i) => [
      specials + (left % (256 + i)),
      specials + (right % (256 + i)),
    ]),
  };
}

function contentsOf({ file }: FoundTokenizer): unknown {
  assert.ok(file !== undefined && "contents" in file);
  return JSON.parse(file.contents);
}
