import { deepEqual, equal, match, throws } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openCheckpoint } from "../../../src/models/formats/open";
import { ModelError } from "../../../src/models/modelError";
import { file, temporaryFolder } from "./temporaryFolder";
import { MemoryWeights } from "./writers/memoryWeights";
import { Pickler } from "./writers/pickler";
import {
  pickTensor,
  pthMembers,
  writePth,
  type PickledTensor,
} from "./writers/pth";
import { zip, type Member } from "./writers/zip";

describe("pth", () => {
  const path = temporaryFolder();
  const small = new MemoryWeights(
    new Map([
      ["a", { dims: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) }],
      ["b", { dims: [1], values: Float32Array.of(7) }],
    ]),
  );

  /** What torch 2.15's torch.save makes of tensors of three types and of views, one storage shared. */
  it("reads what PyTorch wrote: types, transposes, slices, scalars, parameters", () => {
    const opened = openCheckpoint(join(__dirname, "fixtures/views.pth"));
    const read = (name: string) => [...opened.float32(name)];
    const base = Array.from({ length: 24 }, (_, i) => i / 8);
    deepEqual(read("float32"), base);
    deepEqual(
      read("float16"),
      base.map((x) => 2 * x),
    );
    deepEqual(
      read("bfloat16"),
      base.map((x) => x - 1),
    );
    deepEqual(read("shared"), base);
    deepEqual(opened.dims("transposed"), [6, 4]);
    deepEqual(
      read("transposed"),
      base.map((_, i) => base[6 * (i % 4) + Math.floor(i / 4)]),
    );
    deepEqual(
      read("slice"),
      [8, 9, 10, 14, 15, 16].map((i) => base[i]),
    );
    deepEqual(
      read("column"),
      [3, 9, 15, 21].map((i) => base[i]),
    );
    deepEqual(opened.dims("permuted"), [4, 2, 3]);
    deepEqual(read("permuted").slice(0, 7), [0, 4, 8, 12, 16, 20, 1]);
    deepEqual(opened.dims("vector"), [1, 1, 5]);
    deepEqual(opened.dims("scalar"), []);
    deepEqual(read("scalar"), [2.5]);
    deepEqual(read("parameter"), [1, 1, 1]);
    opened.close();
  });

  it("reads zip64 archives and a packed pickle", () => {
    writePth(path("64.pth"), small, undefined, true);
    const members = pthMembers(small);
    members[0]!.deflate = true;
    for (const written of [
      path("64.pth"),
      file(path("packed.pth"), zip(members)),
    ]) {
      const opened = openCheckpoint(written);
      deepEqual([...opened.float32("a")], [1, 2, 3, 4, 5, 6]);
      opened.close();
    }
  });

  it("finds the weights one level down, as training code saves them", () => {
    const pickler = new Pickler().raw("}(").text("state_dict").raw("}(");
    pickler.text("a");
    pickTensor(pickler, tensor({}));
    pickler.raw("u").text("epoch").int(3).raw("u");
    const opened = openCheckpoint(archive(pickler.finish()));
    deepEqual(opened.names(), ["a"]);
    opened.close();
  });

  const sentinel = join(__dirname, "executed");
  const forbidden: [string, Pickler][] = [
    [
      "os.system",
      new Pickler()
        .global("os", "system")
        .tuple(() => void 0)
        .raw("R"),
    ],
    [
      "posix.system",
      new Pickler()
        .global("posix", "system")
        .raw("(")
        .text(`touch ${sentinel}`)
        .raw("tR"),
    ],
    [
      "builtins.eval",
      new Pickler()
        .text("builtins")
        .text("eval")
        .raw(0x93, "(")
        .text("1")
        .raw("tR"),
    ],
    ["torch.load", new Pickler().global("torch", "load").raw(")R")],
    [
      "torch.storage._load_from_bytes",
      new Pickler().global("torch.storage", "_load_from_bytes").raw(")R"),
    ],
    [
      "collections.OrderedDict.__init__",
      new Pickler().global("collections", "OrderedDict.__init__").raw(")R"),
    ],
  ];
  for (const [name, pickler] of forbidden) {
    it(`refuses ${name} by name and runs nothing`, () => {
      const written = archive(pickler.finish());
      throws(
        () => openCheckpoint(written),
        (error: Error) => {
          equal(error instanceof ModelError, true);
          return (
            error.message.startsWith(`${written}, byte `) &&
            error.message.includes(`"${name}"`)
          );
        },
      );
      equal(existsSync(sentinel), false);
    });
  }

  const hostile: [string, RegExp, () => Uint8Array][] = [
    [
      "a list that holds itself",
      /no dict of tensors/,
      () => pickled(new Pickler().raw("]q", 0, "h", 0, "a")),
    ],
    [
      "a dict that holds itself",
      /holds no tensor/,
      () => pickled(new Pickler().raw("}q", 0).text("a").raw("h", 0, "s")),
    ],
    [
      "a dict that is its own state_dict",
      /holds no tensor/,
      () =>
        pickled(new Pickler().raw("}q", 0).text("state_dict").raw("h", 0, "s")),
    ],
    [
      "a memo bomb",
      /steps/,
      () =>
        pickled(
          new Pickler().raw("]", Buffer.alloc(2_000_000, Buffer.from([0x94]))),
        ),
    ],
    [
      "lists of lists of lists",
      /steps/,
      () =>
        pickled(
          new Pickler().raw("]", Buffer.alloc(900_000, Buffer.from("2a"))),
        ),
    ],
    [
      "nesting a million deep",
      /steps/,
      () =>
        pickled(
          new Pickler().raw(
            Buffer.alloc(1_000_000, "]"),
            Buffer.alloc(1_000_000, "a"),
          ),
        ),
    ],
    [
      "a memo index of four billion",
      /no dict of tensors/,
      () => pickled(new Pickler().raw("]r", 0xff, 0xff, 0xff, 0xff)),
    ],
    [
      "text of four gigabytes",
      /inside an opcode/,
      () => pickled(new Pickler().raw("X", 0xff, 0xff, 0xff, 0xff, "a")),
    ],
    [
      "bytes of 2^63",
      /inside an opcode/,
      () => pickled(new Pickler().raw(0x8e, Buffer.alloc(8, 0x7f))),
    ],
    [
      "a memo that was never written",
      /memo 9/,
      () => pickled(new Pickler().raw("h", 9)),
    ],
    [
      "an opcode for text protocols",
      /opcode 0x69/,
      () => pickled(new Pickler().raw("i")),
    ],
    [
      "a call of a storage type",
      /calls torch\.FloatStorage, which is not a function/,
      () => pickled(new Pickler().global("torch", "FloatStorage").raw(")R")),
    ],
    [
      "a storage beyond its member",
      /reaches to value/,
      () => described(tensor({ dims: [1 << 20], strides: [1] })),
    ],
    [
      "a start beyond its member",
      /reaches to value/,
      () => described(tensor({ start: 2 ** 40 })),
    ],
    [
      "absurd dimensions",
      /reaches to value|dimensions/,
      () =>
        described(
          tensor({
            dims: [2 ** 40, 2 ** 40, 2 ** 40],
            strides: [2 ** 50, 2 ** 50, 1],
          }),
        ),
    ],
    [
      "a billion values from one by strides of zero",
      /repeats values/,
      () => described(tensor({ dims: [1e9], strides: [0] })),
    ],
    [
      "no dimension at all of size zero",
      /dimensions/,
      () => described(tensor({ dims: [0], strides: [1] })),
    ],
    [
      "a storage that is not there",
      /"elsewhere"/,
      () => described(tensor({ key: "elsewhere" })),
    ],
    [
      "a storage outside the folder",
      /"\.\.\/version"/,
      () => described(tensor({ key: "../version" })),
    ],
    [
      "integers",
      /torch\.LongStorage/,
      () => described(tensor({ storage: "LongStorage" })),
    ],
    [
      "a zip bomb",
      /more than the/,
      () =>
        zip([
          {
            name: "archive/data.pkl",
            bytes: Buffer.alloc(20 << 20),
            deflate: true,
          },
        ]),
    ],
    [
      "a zip bomb that lies about its size",
      /cannot be unpacked|another size/,
      () =>
        zip([
          {
            name: "archive/data.pkl",
            bytes: Buffer.alloc(20 << 20),
            deflate: true,
            claimed: 1000,
          },
        ]),
    ],
    [
      "a member twice",
      /twice/,
      () => {
        const members = pthMembers(small);
        return zip([...members, members[2]!]);
      },
    ],
    [
      "a packed storage",
      /packed/,
      () => {
        const members = pthMembers(small);
        members[2]!.deflate = true;
        return zip(members);
      },
    ],
    ["members that overlap", /overlap/, overlapping],
    [
      "another byte order",
      /byte order/,
      () => {
        const members = pthMembers(small);
        members[1]!.bytes = Buffer.from("big");
        return zip(members);
      },
    ],
    [
      "an archive of something else",
      /data\.pkl/,
      () => zip([{ name: "word/document.xml", bytes: Buffer.from("<w/>") }]),
    ],
    [
      "a TorchScript program",
      /TorchScript/,
      () =>
        zip([
          ...pthMembers(small),
          { name: "archive/constants.pkl", bytes: Buffer.from(".") },
        ]),
    ],
    [
      "NaN weights",
      /"a" contains NaN/,
      () =>
        zip(
          pthMembers(
            new MemoryWeights(
              new Map([["a", { dims: [1], values: Float32Array.of(NaN) }]]),
            ),
          ),
        ),
    ],
  ];
  for (const [what, cause, bytes] of hostile) {
    it(`refuses ${what}`, () => {
      const written = file(path("hostile.pth"), bytes());
      throws(
        () => {
          const opened = openCheckpoint(written);
          try {
            for (const name of opened.names()) opened.float32(name);
          } finally {
            opened.close();
          }
        },
        (error: Error) => {
          equal(error instanceof ModelError, true, String(error));
          equal(error.message.startsWith(written), true);
          match(error.message, cause);
          return true;
        },
      );
    });
  }

  it("refuses the format of before 1.6 with the way out", () => {
    const legacy = Buffer.from("80028a0a6cfc9c46f9206aa850192e", "hex");
    throws(
      () => openCheckpoint(file(path("old.pth"), legacy)),
      /before version 1\.6.*save it again/,
    );
  });

  function archive(pickle: Uint8Array): string {
    return file(path("pickle.pth"), pickled(pickle));
  }

  /** Two members of one place: the second's entry is turned to the first's bytes. */
  function overlapping(): Uint8Array {
    const bytes = zip([
      ...pthMembers(small).slice(0, 2),
      { name: "archive/data/0", bytes: Buffer.alloc(24) },
      { name: "archive/data/1", bytes: Buffer.alloc(24) },
    ]);
    const second = bytes.lastIndexOf("archive/data/1");
    const first = bytes.lastIndexOf("archive/data/0");
    // The directory's size fields of the first now reach over the second member.
    bytes.writeUInt32LE(200, first - 46 + 20);
    bytes.writeUInt32LE(200, first - 46 + 24);
    equal(second > first, true);
    return bytes;
  }
});

function pickled(pickle: Pickler | Uint8Array): Uint8Array {
  const bytes = pickle instanceof Pickler ? pickle.finish() : pickle;
  const members: Member[] = [
    { name: "archive/data.pkl", bytes },
    { name: "archive/data/0", bytes: Buffer.alloc(64) },
  ];
  return zip(members);
}

function tensor(changes: Partial<PickledTensor>): PickledTensor {
  return {
    storage: "FloatStorage",
    key: "0",
    count: 16,
    start: 0,
    dims: [2, 3],
    strides: [3, 1],
    ...changes,
  };
}

function described(described: PickledTensor): Uint8Array {
  const pickler = new Pickler().raw("}").text("a");
  pickTensor(pickler, described);
  return pickled(pickler.raw("s"));
}
