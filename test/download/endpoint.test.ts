import assert from "node:assert/strict";
import { parseEndpoint, tokenOfEnvironment } from "../../src/download/endpoint";

describe("the address of a service", () => {
  for (const [text, address] of [
    ["https://huggingface.co", "https://huggingface.co/"],
    ["https://mirror.example/hf", "https://mirror.example/hf/"],
    ["https://mirror.example:8443/hf/", "https://mirror.example:8443/hf/"],
    ["http://localhost:8080", "http://localhost:8080/"],
    ["http://127.0.0.1:80", "http://127.0.0.1/"],
    ["http://127.1.2.3:81", "http://127.1.2.3:81/"],
    ["http://[::1]:8080", "http://[::1]:8080/"],
  ])
    it(`may be ${text}`, () => {
      assert.equal(parseEndpoint(text!).href, address);
    });

  for (const text of [
    "",
    "huggingface.co",
    "http://huggingface.co",
    "http://127.0.0.1.example.com",
    "http://localhost.example.com",
    "http://0.0.0.0",
    "ftp://huggingface.co",
    "file:///etc/passwd",
    "https://user:word@huggingface.co",
    "https://huggingface.co?a=b",
    "https://huggingface.co#a",
    "javascript:alert(1)",
  ])
    it(`cannot be ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseEndpoint(text), {
        name: "DownloadError",
        data: { code: "download endpoint", args: [text] },
      });
    });
});

describe("the token of the environment", () => {
  const tokenFor = (endpoint: string, environment: NodeJS.ProcessEnv) =>
    tokenOfEnvironment(parseEndpoint(endpoint), environment);

  it("is for Hugging Face, or the endpoint that its own tools use", () => {
    const HF_TOKEN = "secret";
    const HF_ENDPOINT = "https://mirror.example/hf";
    assert.equal(tokenFor("https://huggingface.co", { HF_TOKEN }), "secret");
    assert.equal(
      tokenFor("https://mirror.example/other", { HF_TOKEN, HF_ENDPOINT }),
      "secret",
    );
    assert.equal(
      tokenFor("https://huggingface.co", { HF_TOKEN: "secret\n" }),
      "secret",
    );
    for (const environment of [{}, { HF_TOKEN: "" }, { HF_TOKEN }])
      assert.equal(tokenFor("https://mirror.example", environment), undefined);
    assert.equal(
      tokenFor("https://huggingface.co", { HF_TOKEN, HF_ENDPOINT }),
      undefined,
    );
    assert.equal(
      tokenFor("https://huggingface.co", { HF_TOKEN, HF_ENDPOINT: "?" }),
      undefined,
    );
  });
});
