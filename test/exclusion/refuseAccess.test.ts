import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isExcluded } from "../../src/exclusion/isExcluded";
import { refuseAccess } from "../../src/exclusion/refuseAccess";
import { secretFiles } from "../../src/exclusion/secretFiles";
import { defaultSettings } from "../../src/protocol";

const folders = ["file:///work"];
const refused = (uri: string, ...exclude: string[]) =>
  refuseAccess(uri, { ...defaultSettings, exclude }, folders);

describe("access", () => {
  it("is refused to secrets by default, in any folder, case and spelling", async () => {
    for (const path of [
      ".env",
      "a/b/.env.local",
      ".env-prod",
      ".envrc",
      "prod.ENV",
      "%2Eenv",
      "x/../.env",
      "x//./.env",
      "keys/server.pem",
      ".ssh/config",
      "id_rsa.pub",
      ".npmrc",
      "secrets.yml",
      "credentials.json",
      "prod.tfvars",
      ".pgpass",
      ".htpasswd",
      ".docker/config.json",
      ".kube/config",
      ".aws/config",
      "a.ppk",
      "a.gpg",
      "passwords.kdbx",
      "wp-config.php",
    ])
      assert.equal(await refused(`file:///work/${path}`), "excluded", path);
    for (const path of [
      "environment.ts",
      "src/main.ts",
      "package.json",
      "config.json",
    ])
      assert.equal(await refused(`file:///work/${path}`), undefined, path);
    assert.equal(new Set(secretFiles).size, secretFiles.length);
  });

  it("is refused by the user's globs, relative, absolute and without a folder", async () => {
    const uri = "file:///work/src/gen/a.ts";
    for (const glob of [
      "src/gen/**",
      "**/gen/*",
      "*.ts",
      "/work/src/**",
      "gen",
      "gen/",
      "/src",
    ])
      assert.equal(await refused(uri, glob), "excluded", glob);
    assert.equal(await refused(uri, "lib/**", "", "[", "/gen"), undefined);
  });

  it("is given back by the user, last rule first", async () => {
    const uri = "file:///work/.npmrc";
    assert.equal(await refused(uri, "!.npmrc"), undefined);
    assert.equal(await refused(uri, "!.npmrc", ".npm*"), "excluded");
    assert.equal(await refused("file:///work/.env", "!.npmrc"), "excluded");
  });

  it("is refused where a list or a name cannot be understood", () => {
    assert.ok(
      isExcluded("/work/a.ts", { exclude: ["a".repeat(5000)] }, folders),
    );
    assert.ok(isExcluded("/work/a.ts", { exclude: [7 as never] }, folders));
    assert.ok(
      isExcluded("/work/a.ts", { exclude: [] }, ["foo:\\bad\0"]) !== undefined,
    );
  });

  it("is refused to documents that nobody writes, and without settings", async () => {
    for (const uri of [
      "git:/work/a.ts?x",
      "output:tasks",
      "debug:/a",
      "vscode-scm:git/input",
      "a.ts",
    ])
      assert.equal(await refused(uri), "unsupported document", uri);
    for (const uri of [
      "untitled:Untitled-1",
      "vscode-remote://ssh/work/a.ts",
      "vscode-notebook-cell:/a.ipynb#X",
    ])
      assert.equal(await refused(uri), undefined, uri);
    assert.equal(
      await refuseAccess("file:///a.ts", undefined, []),
      "settings unknown",
    );
  });

  it("is refused to what is a link to a secret, or lies in a folder that is one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rwkv-links-"));
    try {
      mkdirSync(join(folder, ".ssh"));
      writeFileSync(join(folder, ".env"), "");
      symlinkSync(join(folder, ".env"), join(folder, "link.ts"));
      symlinkSync(join(folder, ".ssh"), join(folder, "plain"));
      symlinkSync(join(folder, "loop"), join(folder, "loop"));
      const at = (name: string) => pathToFileURL(join(folder, name)).href;
      for (const name of ["link.ts", "plain/new.ts", "loop"])
        assert.equal(await refused(at(name)), "excluded", name);
      assert.equal(await refused(at("new.ts")), undefined);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
