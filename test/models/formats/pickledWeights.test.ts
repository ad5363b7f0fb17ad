import { deepEqual, equal } from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { architectureOf } from "../../../src/models/formats/architecture";
import { encodeFp32 } from "../../../src/models/formats/encode";
import { openCheckpoint } from "../../../src/models/formats/open";
import { refused } from "./refusal";
import { file, temporaryFolder } from "./temporaryFolder";
import { MemoryWeights, type Tensors } from "./writers/memoryWeights";
import type { Pickler } from "./writers/pickler";
import { pickDict, pickTensor, pthMembers, type Wrap } from "./writers/pth";
import { randomModel } from "./writers/randomModel";
import { zip } from "./writers/zip";

/** What `torch.save` was given is more than a dict of weights. */
describe("weights in a pickle", () => {
  const path = temporaryFolder();
  const tensors = randomModel("7");
  const other = new MemoryWeights(randomModel("7", undefined, 2));

  const written = (wrap?: Wrap, saved: Tensors = tensors) =>
    file(
      path("m.pth"),
      zip(pthMembers(new MemoryWeights(saved), encodeFp32, wrap)),
    );
  /** The file must give back exactly the network's tensors, and single numbers at most besides. */
  const isRead = (source: string) => {
    const opened = openCheckpoint(source);
    try {
      equal(architectureOf(opened).generation, "7");
      const names = opened.names();
      const own = names.filter((name) => opened.dims(name).length > 0);
      deepEqual(own.sort(), [...tensors.keys()].sort());
      for (const [name, { dims, values }] of tensors) {
        deepEqual(opened.dims(name), dims);
        deepEqual(opened.float32(name), values, name);
      }
    } finally {
      opened.close();
    }
  };

  for (const protocol of [2, 4, 5]) {
    it(`reads over settings, counters and optimisers that Python pickled (protocol ${protocol})`, () => {
      const opened = openCheckpoint(
        join(__dirname, `fixtures/beside-${protocol}.pth`),
      );
      deepEqual(opened.names(), ["emb.weight", "ln_out.weight"]);
      deepEqual([...opened.float32("emb.weight")], [0, 0.5, 1, 1.5, 2, 2.5]);
      deepEqual([...opened.float32("ln_out.weight")], [1, -2, 3.25]);
      opened.close();
    });
  }

  const scalar = (p: Pickler, storage: string) =>
    pickTensor(p, {
      storage,
      key: "0",
      count: 1,
      start: 0,
      dims: [],
      strides: [],
    });
  /** argparse.Namespace(rate=…, inner=Namespace()), as protocol 2 has it. */
  const namespace = (p: Pickler) => {
    p.global("argparse", "Namespace").raw(")", 0x81);
    pickDict(p, {
      rate: () => p.int(5),
      inner: () => p.global("argparse", "Namespace").raw(")", 0x81, "}b"),
    });
    p.raw("b");
  };
  const wraps: [string, Wrap][] = [
    [
      "beside a Namespace and a number",
      (p, weights) =>
        pickDict(p, {
          args: () => namespace(p),
          epoch: () => p.int(3),
          state_dict: () => weights(),
        }),
    ],
    [
      "three levels down",
      (p, weights) =>
        pickDict(p, {
          checkpoint: () =>
            pickDict(p, {
              model: () => pickDict(p, { state_dict: () => weights() }),
            }),
        }),
    ],
    ["in a tuple", (p, weights) => p.tuple(() => weights())],
    [
      "under a name of its own",
      (p, weights) =>
        pickDict(p, { generator: () => weights(), step: () => p.int(1) }),
    ],
    [
      "beside a running average of them",
      (p, weights) =>
        pickDict(p, {
          ema: () => weights(other),
          model: () => weights(),
        }),
    ],
    [
      "with a Namespace, numbers, texts and counters among them",
      (p, weights) => {
        weights();
        p.raw("(").text("args");
        namespace(p);
        p.text("epoch").int(7).text("name").text("x").text("none").raw("N");
        p.text("list").raw("]").int(5).int(6);
        p.text("num_batches_tracked");
        scalar(p, "LongStorage");
        p.text("loss");
        scalar(p, "FloatStorage");
        p.raw("u");
      },
    ],
  ];
  for (const [what, wrap] of wraps) {
    it(`finds weights that were saved ${what}`, () => isRead(written(wrap)));
  }

  const prefixes = [
    "module.",
    "model.",
    "_orig_mod.",
    "_forward_module.",
    "module._orig_mod.",
    "_forward_module.model._orig_mod.",
    "model.module.module.",
    "rwkv.model.",
    "base_model.model.",
  ];
  for (const prefix of prefixes) {
    it(`drops ${prefix} before names`, () => {
      const renamed = new Map(
        [...tensors].map(([name, tensor]) => [prefix + name, tensor]),
      );
      isRead(written(undefined, renamed));
    });
  }

  it("drops what wraps a block or a matrix in the middle of names, or only some", () => {
    const renamed = new Map(
      [...tensors].map(([name, tensor]) => [
        name
          .replace(/^blocks\.1\./, "blocks.1._checkpoint_wrapped_module.")
          .replace(/\.att\./, "._orig_mod.att.")
          .replace(/^emb/, "module.model.emb")
          .replace(/^ln_out/, "model.ln_out"),
        tensor,
      ]),
    );
    isRead(written(undefined, renamed));
  });

  it("refuses two tensors that get one name", () => {
    const both = new Map([
      ...tensors,
      ["module.emb.weight", tensors.get("emb.weight")!] as const,
    ]);
    refused(written(undefined, both), /both "emb\.weight".*save one of them/);
  });

  const help = /nothing was run; in Python, save the weights alone/;
  const attacks: [string, Wrap][] = [
    [
      "subprocess.Popen that is called",
      (p) =>
        p.global("subprocess", "Popen").raw("(").text(sentinel()).raw("tR"),
    ],
    ["os.system that is only named", (p) => p.global("os", "system")],
    ["builtins.getattr", (p) => p.global("builtins", "getattr").raw(")R")],
    [
      "a function within a class",
      (p) => p.global("subprocess", "Popen.__init__").raw(")R"),
    ],
    [
      "a class called with another's constructor",
      (p) => p.global("argparse", "Namespace").raw(")R"),
    ],
  ];
  const sentinel = () => `touch ${path("executed")}`;
  for (const [what, attack] of attacks) {
    it(`refuses ${what} beside the weights, by name`, () => {
      const source = written((p, weights) =>
        pickDict(p, {
          extra: () => attack(p, weights),
          state_dict: () => weights(),
        }),
      );
      refused(source, help);
      equal(existsSync(path("executed")), false);
    });
  }

  it("makes nothing of a class that is dangerous to call", () => {
    isRead(
      written((p, weights) =>
        pickDict(p, {
          extra: () => {
            p.global("subprocess", "Popen").raw("(").text(sentinel());
            p.raw("t", 0x81, "}").text("args").text(sentinel()).raw("sb");
          },
          state_dict: () => weights(),
        }),
      ),
    );
    equal(existsSync(path("executed")), false);
  });

  it("refuses a module that was saved whole, with the way out", () => {
    const source = written((p) =>
      p.global("train.model", "RWKV").raw(")", 0x81, "}b"),
    );
    refused(source, /class "train\.model\.RWKV".*save its state_dict\(\)/);
  });

  it("refuses several networks by their names", () => {
    const source = written((p, weights) =>
      pickDict(p, { student: () => weights(), teacher: () => weights() }),
    );
    refused(source, /several networks \("student","teacher"\).*save one/);
  });

  it("refuses what has no tensors in words that help", () => {
    for (const [wrap, cause] of [
      [(p: Pickler) => p.raw("}"), /dict of tensors is empty/],
      [(p: Pickler) => p.text("hello"), /no dict of tensors/],
      [
        (p: Pickler) => pickDict(p, { a: () => p.int(1) }),
        /holds no tensor; its first entry is "a"/,
      ],
    ] as const) {
      const source = written(wrap);
      refused(source, cause);
      refused(source, /choose the file of the weights/);
    }
  });

  /** _rebuild_tensor_v3(storage of bytes, start, dims, strides, False, hooks, dtype) */
  const rebuilt3 = (p: Pickler, type: string) => {
    p.global("torch._utils", "_rebuild_tensor_v3").tuple(() => {
      p.tuple(() => {
        p.text("storage").global("torch.storage", "UntypedStorage");
        p.text("0").text("cpu").int(64);
      });
      p.raw("Q").int(0).ints([4]).ints([1]).raw(0x89).orderedDict();
      p.global("torch", type);
    });
    p.raw("R");
  };

  it("names a number type that PyTorch saves without a storage of its own", () => {
    const source = written((p) =>
      pickDict(p, { "emb.weight": () => rebuilt3(p, "float8_e4m3fn") }),
    );
    refused(source, /"emb\.weight" is a torch\.float8_e4m3fn; only float64/);
  });

  it("reads a tensor with attributes of its own, as DeepSpeed's parameters have", () => {
    const members = pthMembers(
      new MemoryWeights(tensors),
      encodeFp32,
      (p, weights) => {
        weights();
        p.raw("(").text("emb.weight");
        p.global("torch._tensor", "_rebuild_from_type_v2").tuple(() => {
          p.global("torch._utils", "_rebuild_tensor_v2");
          p.global("torch.nn.parameter", "Parameter");
          p.tuple(() => {
            p.tuple(() => {
              p.text("storage").global("torch", "FloatStorage");
              p.text("0").text("cpu").int(3200);
            });
            p.raw("Q").int(0).ints([50, 64]).ints([64, 1]).raw(0x89);
            p.orderedDict();
          });
          pickDict(p, { ds_id: () => p.int(0) });
        });
        p.raw("Ru");
      },
    );
    isRead(file(path("attributes.pth"), zip(members)));
  });

  it("refuses integers as weights, and says which types are read", () => {
    const members = pthMembers(
      new MemoryWeights(tensors),
      encodeFp32,
      (p, weights) => {
        weights();
        p.raw("(").text("blocks.0.att.key.weight");
        pickTensor(p, {
          storage: "CharStorage",
          key: "0",
          count: 4096,
          start: 0,
          dims: [64, 64],
          strides: [64, 1],
        });
        p.raw("u");
      },
    );
    writeFileSync(path("int.pth"), zip(members));
    refused(
      path("int.pth"),
      /torch\.CharStorage; only float64, float32, float16 and bfloat16 are read, so save/,
    );
  });
});
