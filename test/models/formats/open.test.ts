import { mkdirSync } from "node:fs";
import { refused } from "./refusal";
import { file, temporaryFolder } from "./temporaryFolder";

describe("openCheckpoint", () => {
  const path = temporaryFolder();

  const others: [string, RegExp, string][] = [
    ["nothing", /no checkpoint that is known/, ""],
    ["two bytes", /no checkpoint that is known/, "PK"],
    ["prose", /no checkpoint that is known/, "It was a dark and stormy night."],
    ["a web page", /web page/, "<!DOCTYPE html><html>Sign in</html>"],
    [
      "a Git LFS pointer",
      /LFS pointer/,
      "version https://git-lfs.github.com/spec/v1\noid sha256:0",
    ],
  ];
  for (const [what, cause, text] of others) {
    it(`refuses ${what}`, () => {
      refused(file(path("model.pth"), Buffer.from(text)), cause);
    });
  }

  it("refuses what is no file", () => {
    refused(path("missing.pth"), /cannot open .*choose a checkpoint/);
    mkdirSync(path("folder.pth"));
    refused(path("folder.pth"), /no regular file/);
  });
});
