import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { serverMemory } from "../../bench/eval/serverMemory";

describe("the memory of a server", () => {
  it("is that of the process that listens there, on Linux", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const bytes = serverMemory(`http://127.0.0.1:${port}`);
    server.close();
    const { rss } = process.memoryUsage();
    if (process.platform === "linux")
      assert.ok(bytes !== null && Math.abs(bytes / rss - 1) < 0.2, `${bytes}`);
    else assert.equal(bytes, null);
  });

  it("is not known where nothing listens, or elsewhere", () => {
    assert.equal(serverMemory("http://127.0.0.1:1"), null);
    assert.equal(serverMemory("http://gpu:8080"), null);
  });
});
