import assert from "node:assert/strict";
import { cutUnopened } from "../../../src/completion/postprocess/cutUnopened";
import { around } from "../../support/cursor";

const left = (marked: string, text: string, languageId?: string) =>
  cutUnopened.apply(text, around(marked, languageId));

describe("cutUnopened", () => {
  it("closes what is open", () => {
    assert.equal(left("foo(bar[█", "0])"), "0])");
    assert.equal(left("if (a) {\n  █", "b();\n}"), "b();\n}");
  });

  it("ends before a bracket that nothing opened", () => {
    assert.equal(left("foo(█", "a));"), "a)");
    assert.equal(left("x = 1█", ";\n}"), ";\n");
  });

  it("takes no bracket in a string for one", () => {
    assert.equal(left("log(█", '":)")'), '":)")');
  });

  it("leaves languages alone in which brackets stand alone", () => {
    assert.equal(left("case x in\n  █", "foo) bar", "shellscript"), "foo) bar");
    assert.equal(left("█", "1) first", "markdown"), "1) first");
  });

  it("leaves it where the start of the document is out of sight", () => {
    const surroundings = { ...around("x█"), beforeIsWhole: false };
    assert.equal(cutUnopened.apply(" })", surroundings), " })");
  });
});
