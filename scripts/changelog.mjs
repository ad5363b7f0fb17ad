/**
 * What CHANGELOG.md says of a version, without its heading.
 *
 * @param {string} changelog
 * @param {string} version such as `1.2.3`
 * @param {{ isRehearsal?: boolean }} [options] a rehearsal takes a version without a date, too
 * @returns {string}
 * @throws {Error} where the version is not there, has no date, or nothing is said of it
 */
export function releaseNotes(changelog, version, { isRehearsal = false } = {}) {
  const sections = changelog.split(/^## /m).slice(1);
  const own = sections.find((section) => section.startsWith(`${version}, `));
  if (own === undefined)
    throw new Error(`CHANGELOG.md has no section "## ${version}, DATE"`);
  const [heading = "", ...lines] = own.split("\n");
  const date = heading.slice(version.length + 2);
  if (!isRehearsal && !/^\d{4}-\d{2}-\d{2}$/.test(date))
    throw new Error(
      `CHANGELOG.md has "${date}" for ${version} where the day of the release belongs, as in 2026-01-31`,
    );
  const notes = lines.join("\n").trim();
  if (notes === "") throw new Error(`CHANGELOG.md says nothing of ${version}`);
  return `${notes}\n`;
}
