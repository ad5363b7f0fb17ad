import type { DocumentState } from "../protocol";
import type { Translate } from "../messages";
import { mebibyte } from "../text/bytes";

/**
 * What the engine knows of a document, as lines of text. Each number follows its label, so that no text
 * has to differ between singular and plural.
 *
 * @param locale of the numbers, e.g. "zh-cn"
 */
export function stateReport(
  state: DocumentState,
  t: Translate,
  locale: string,
): string {
  const count = (value: number) => value.toLocaleString(locale);
  const bytes = (value: number) => formatBytes(value, locale);
  const { checkpoints, approximate, stateBytes, usedBytes, budget } = state;
  const lines = [
    t("Model: {0}", state.model),
    t("Tokens: {0}", count(state.tokens)),
    t(
      "States: {0} exact, {1} approximate, {2} each",
      count(checkpoints),
      count(approximate),
      bytes(stateBytes),
    ),
    t("Memory of this file: {0}", bytes(state.bytes)),
    t("Memory of all files: {0} of {1}", bytes(usedBytes), bytes(budget)),
    t("Saved on disk: {0}", bytes(state.savedBytes)),
    t("Other files whose similar places count: {0}", count(state.comparedWith)),
    ...projectReport(state.project, t, count, bytes),
    "",
    ...suggestionReport(state.last, t, count),
  ];
  return lines.join("\n");
}

function projectReport(
  project: DocumentState["project"],
  t: Translate,
  count: (value: number) => string,
  bytes: (value: number) => string,
): string[] {
  if (project === undefined) return [];
  const { files, libraries, names, sources, leftOut } = project;
  const lines = [
    "",
    t(
      "Project: {0} files, {1} libraries, {2} names",
      count(files),
      count(libraries),
      count(names),
    ),
    t(
      "Files to copy from: {0}; left out for want of room: {1}",
      count(sources),
      count(leftOut),
    ),
    t(
      "Memory of the project: {0} of {1}",
      bytes(project.bytes),
      bytes(project.budget),
    ),
  ];
  if (project.phase === "paused") lines.push(t("Indexing is paused."));
  else if (project.phase !== "idle")
    lines.push(
      t(
        "Indexing: {0} of {1} files",
        count(project.done),
        count(project.total),
      ),
    );
  return lines;
}

function suggestionReport(
  last: DocumentState["last"],
  t: Translate,
  count: (value: number) => string,
): string[] {
  if (last === undefined) return [t("Nothing was suggested in this file yet.")];
  const figures = [
    t("Tokens run for the last suggestion: {0}", count(last.run)),
    t("Tokens from the nearest exact state: {0}", count(last.distance)),
  ];
  switch (last.from) {
    case "checkpoint":
      return [...figures, t("Hit: a state in memory served.")];
    case "saved state":
      return [...figures, t("Hit: a state on disk served.")];
    case "start":
      return [
        ...figures,
        t("The text before the cursor is short and was read from its start."),
      ];
    case "window":
      return [
        ...figures,
        t(
          "Miss: no exact state was near, so the last 512 tokens served. Approximate until the text before the cursor has been read in the background.",
        ),
      ];
  }
}

/** Bytes of memory in B, KiB or MiB, the unit of the setting `rwkv.memoryBudget`: "1.2 MiB". */
export function formatBytes(bytes: number, locale: string): string {
  const [unit, size] =
    bytes < 1024
      ? (["B", 1] as const)
      : bytes < mebibyte
        ? (["KiB", 1024] as const)
        : (["MiB", mebibyte] as const);
  const digits = { maximumFractionDigits: 1 };
  return `${(bytes / size).toLocaleString(locale, digits)} ${unit}`;
}
