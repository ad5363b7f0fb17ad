import assert from "node:assert/strict";
import { ownVsix } from "./editor";
import { checkVsix } from "../../scripts/vsix.mjs";
import { targets, ownTarget } from "../../scripts/targets.mjs";

describe("packages", () => {
  for (const target of targets) {
    it(`for ${target} hold what they need, and only that`, async () => {
      const vsix = (await ownVsix()).replace(ownTarget() ?? "", target);
      assert.deepEqual(await checkVsix(vsix), []);
    });
  }
});
