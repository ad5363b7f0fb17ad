import assert from "node:assert/strict";
import { parseAddress } from "../../src/remote/address";
import { ServerError } from "../../src/remote/serverError";

describe("a server's address", () => {
  it("is taken with or without a slash or /v1 at its end", () => {
    for (const text of [
      "http://localhost:8080",
      " http://localhost:8080/ ",
      "http://localhost:8080/v1",
      "http://localhost:8080/v1/",
    ])
      assert.equal(parseAddress(text).base, "http://localhost:8080");
    assert.equal(parseAddress("https://a.b/llm/v1").base, "https://a.b/llm");
    assert.equal(parseAddress("http://gpu:8080").host, "gpu:8080");
  });

  it("is private where it is encrypted or on this machine", () => {
    for (const text of ["https://a.b", "http://127.0.0.1:1", "http://[::1]:1"])
      assert.ok(parseAddress(text).isPrivate, text);
    for (const text of [
      "http://gpu:1",
      "http://127.evil.net",
      "http://10.0.0.1",
    ])
      assert.ok(!parseAddress(text).isPrivate, text);
  });

  it("is refused where it is no plain address of HTTP, and never quoted", () => {
    for (const text of [
      "",
      "localhost:8080",
      "file:///etc/passwd",
      "ftp://a.b",
      "http://",
      "http://user:secret@a.b",
      "http://a.b?key=secret",
      "http://a.b#secret",
    ])
      assert.throws(
        () => parseAddress(text),
        (error: unknown) =>
          error instanceof ServerError && !error.message.includes("secret"),
        text,
      );
  });
});
