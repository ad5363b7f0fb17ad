import assert from "node:assert/strict";
import fc from "fast-check";
import { typedName } from "../../../src/completion/names/candidates";
import { namedImport } from "../../../src/completion/names/namedImport";
import { cursor } from "../../support/cursor";

describe("the import from which a name is taken", () => {
  const at = (languageId: string, marked: string): string | undefined => {
    const [before = "", after = ""] = marked.split(cursor);
    const typed = typedName(before);
    return namedImport({ typed, before, after }, languageId);
  };

  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ["typescript", 'import { useSt█ } from "react";', "react"],
    ["typescript", "import a, {\n  b,\n  c█,\n} from 'x/y';", "x/y"],
    ["typescript", 'export { one█ } from "pkg";', "pkg"],
    ["typescript", 'import type { A█ } from "pkg";', "pkg"],
    ["javascript", 'const { rea█ } = require("fs");', "fs"],
    ["javascript", 'const fs = require("node:fs");\nfs.rea█', "node:fs"],
    ["typescript", 'import * as React from "react";\nReact.use█', "react"],
    ["typescript", 'import _ from "lodash";\n_.deb█', "lodash"],
    ["typescript", 'import { z } from "zod";\nz.str█', "zod"],
    ["typescript", 'import a, { b as $c } from "p";\nf($c.d.e█', "p"],
    ["typescript", 'import { zed } from "zod";\nz.str█', undefined],
    ["typescript", 'import _ from "lodash";\nother._.deb█', undefined],
    ["typescript", "const a = {};\na.b█", undefined],
    ["typescript", "const { a█ } = b;", undefined],
    ["python", "import numpy as np\nx = np.lin█", "numpy"],
    ["python", "import os, sys\nsys.arg█", "sys"],
    ["python", "import os\nos.path.jo█", "os"],
    ["python", "import osmium\nos.path.jo█", undefined],
    ["python", "from flask import Flask, jso█", "flask"],
    ["python", "from a.b import (\n    One,\n    Tw█", "a.b"],
    ["python", "from a import b\nb.c█", "a"],
    ["python", "from flask import Flask\njso█", undefined],
    ["go", 'import "fmt"\nfmt.Pr█', "fmt"],
    ["go", 'import (\n\t"net/http"\n)\nhttp.Han█', "net/http"],
    ["go", 'import (\n\th "net/http"\n)\nh.Han█', "net/http"],
    [
      "go",
      'import "github.com/spf13/cobra"\nx := &cobra.Com█',
      "github.com/spf13/cobra",
    ],
    ["go", 'import "gopkg.in/yaml.v3"\nyaml.Unm█', "gopkg.in/yaml.v3"],
    ["go", 'import "myfmt"\nfmt.Pr█', undefined],
    ["rust", "use clap::{Parser, Sub█", "clap"],
    ["rust", "use tokio::sync::mps█", "tokio"],
    ["rust", "use serde_json::Value;\nserde_json::from_█", "serde_json"],
    ["rust", "use regex::Regex;\nRegex::ne█", "regex"],
    ["rust", "HashMap::ne█", undefined],
    ["plaintext", 'import { a█ } from "b";', undefined],
  ];
  for (const [languageId, marked, from] of cases)
    it(`is ${from ?? "none"} in ${JSON.stringify(marked)}`, () => {
      assert.equal(at(languageId, marked), from);
    });

  it("is looked for a few times a character where a text repeats what imports begin with", () => {
    const parts = [
      "import a ",
      "import a,  ",
      "from a import (a ",
      "use a::a ",
      "const a ",
      "import {",
      "\n",
      "a.",
    ];
    for (const languageId of ["typescript", "python", "go", "rust"])
      for (const part of parts) {
        const before = `${part.repeat(40_000 / part.length)}\nb.`;
        const place = { typed: "", before, after: part.repeat(100) };
        assert.equal(namedImport(place, languageId), undefined, part);
      }
  });

  it("stands in the text, whatever it is, and is looked for without end in none", () => {
    const part = fc.constantFrom(
      "import ",
      "from ",
      "a",
      "b, ",
      "{",
      "}",
      "(",
      '"',
      ".",
      "::",
      "use ",
      "\n",
      " ",
    );
    const texts = fc
      .array(part, { maxLength: 40 })
      .map((parts) => parts.join("").repeat(500).slice(0, 30_000));
    fc.assert(
      fc.property(
        texts,
        fc.constantFrom("typescript", "python", "go", "rust"),
        (text, languageId) => {
          const before = `${text}\na.`;
          const from = namedImport(
            { typed: "", before, after: text },
            languageId,
          );
          assert.ok(from === undefined || (before + text).includes(from));
        },
      ),
      { numRuns: 60 },
    );
  });
});
