import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { releaseNotes } from "../../scripts/changelog.mjs";

const root = join(__dirname, "..", "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const { version, scripts } = JSON.parse(read("package.json")) as {
  version: string;
  scripts: Record<string, string>;
};

const changelog = `# Changelog

## 1.2.0, unreleased

### Added

- More.

## 1.1.0, 2026-01-31

- Less.

## 1.0.0, 2026-01-01
`;

describe("a release", () => {
  it("has the notes of its own version alone", () => {
    assert.equal(releaseNotes(changelog, "1.1.0"), "- Less.\n");
    assert.equal(
      releaseNotes(changelog, "1.2.0", { isRehearsal: true }),
      "### Added\n\n- More.\n",
    );
  });

  it("is refused without a section, a day or a word in the changelog", () => {
    assert.throws(() => releaseNotes(changelog, "1.1"), /no section "## 1\.1,/);
    assert.throws(() => releaseNotes(changelog, "1.2.0"), /"unreleased"/);
    assert.throws(() => releaseNotes(changelog, "1.0.0"), /says nothing/);
  });

  it("is refused under a tag that is not the version's", () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(root, "scripts", "release.mjs"), "v0.0.1"],
      { encoding: "utf8" },
    );
    assert.equal(status, 1);
    assert.match(stderr, /the tag is v0\.0\.1, the version in package\.json/);
  });

  it("has something to say of the present version", () => {
    const notes = releaseNotes(read("CHANGELOG.md"), version, {
      isRehearsal: true,
    });
    assert.match(notes, /^### /m);
  });

  it("is made in the workflow by what one can run here", () => {
    const workflow = read(".github/workflows/release.yml");
    assert.match(workflow, /run: npm run release -- "\$GITHUB_REF_NAME"\n/);
    assert.equal(scripts["release"], "node scripts/release.mjs");
  });
});
