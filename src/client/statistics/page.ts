import type { Translate } from "../../messages";
import { escapeHtml, webPage } from "../webPage";
import { barChart, table } from "./charts";
import {
  add,
  latencyBounds,
  noCounts,
  sumBy,
  type Counts,
  type Row,
} from "./counts";

/** Most days in the chart of keys saved by day. */
const daysShown = 30;

/** The message that the page sends to the extension when a button is pressed. */
export type PageMessage = "export" | "clear";

/**
 * The page as HTML.
 *
 * @param locale the language of the page and of its numbers, e.g. "zh-cn"
 * @param focusHeading whether the page moves the focus to its heading
 */
export function statisticsPage(
  rows: readonly Row[],
  t: Translate,
  locale: string,
  nonce: string,
  { focusHeading = false } = {},
): string {
  const total = noCounts();
  for (const row of rows) add(total, row);
  const body = `<p>${escapeHtml(t("Counted and kept on this machine alone. No text is kept, and nothing is sent."))}</p>
${rows.length === 0 ? `<p>${escapeHtml(t("Nothing was suggested yet."))}</p>` : figures(rows, total, t, locale)}
<p>
<button type="button" data-message="export">${escapeHtml(t("Export as JSON…"))}</button>
<button type="button" data-message="clear">${escapeHtml(t("Clear…"))}</button>
</p>`;
  const title = t("RWKV statistics");
  return webPage({ title, locale, body, style, script, focusHeading }, nonce);
}

function figures(
  rows: readonly Row[],
  total: Counts,
  t: Translate,
  locale: string,
): string {
  const number = (n: number) => n.toLocaleString(locale);
  const share = (n: number, of: number) =>
    of === 0
      ? "–"
      : (n / of).toLocaleString(locale, {
          style: "percent",
          maximumFractionDigits: 0,
        });
  const columns = [
    t("Offered"),
    t("Accepted"),
    t("Accepted in part"),
    t("Share right"),
    t("Keys saved"),
  ];
  const cells = (counts: Counts) => [
    number(counts.offered),
    number(counts.accepted),
    number(counts.acceptedInPart),
    share(counts.right, counts.offered),
    number(counts.keys),
  ];
  const acceptances = total.accepted + total.acceptedInPart;
  const explained = [
    [t("Suggestions offered"), number(total.offered)],
    [
      t("Accepted as a whole"),
      `${number(total.accepted)} (${share(total.accepted, total.offered)})`,
    ],
    [
      t("Accepted by words or lines, as far as edits tell"),
      number(total.acceptedInPart),
    ],
    [
      t("Acceptances that still stood after a minute"),
      `${number(total.kept)} (${share(total.kept, acceptances)})`,
    ],
    [
      t("Right as a whole, accepted or typed"),
      `${number(total.right)} (${share(total.right, total.offered)})`,
    ],
    [t("Characters accepted"), number(total.characters)],
    [t("Keys saved"), number(total.keys)],
    [
      t("Requests without a suggestion that is sure enough"),
      number(total.withheld),
    ],
  ];
  const requests = total.offered + total.withheld;
  const often =
    total.offered === 0 || total.withheld === 0
      ? ""
      : `<p>${escapeHtml(
          t(
            'With rwkv.suggestions set to "often" you would have seen up to {0} times as many suggestions, more of them wrong.',
            (requests / total.offered).toLocaleString(locale, {
              maximumFractionDigits: 1,
            }),
          ),
        )}</p>`;
  const grouped = (key: (row: Row) => string, label: string, name: string) =>
    table(
      label,
      [name, ...columns],
      [...sumBy(rows, key)]
        .sort(([, a], [, b]) => b.offered - a.offered)
        .map(([group, counts]) => [group, ...cells(counts)]),
    );
  const days = [...sumBy(rows, ({ day }) => day)].slice(-daysShown);
  const saved = days.map(([label, { keys }]) => ({
    label,
    value: keys,
    text: number(keys),
  }));
  const times = total.latency.map((count, i) => ({
    label: timeLabel(i, t),
    value: count,
    text: number(count),
  }));
  return `${table(t("RWKV statistics"), [t("Figure"), t("Value")], explained)}
${often}
<h2>${escapeHtml(t("By day"))}</h2>
${barChart(t("Keys saved by day"), saved, [t("Day"), t("Keys saved")])}
<h2>${escapeHtml(t("Time until a suggestion"))}</h2>
${barChart(t("Suggestions by the time until they came"), times, [t("Time"), t("Suggestions")])}
<h2>${escapeHtml(t("By language"))}</h2>
${grouped(({ languageId }) => languageId, t("By language"), t("Language"))}
<h2>${escapeHtml(t("By model"))}</h2>
${grouped(({ model }) => model, t("By model"), t("Model"))}`;
}

/** The label of one bin of the histogram of times. */
function timeLabel(part: number, t: Translate): string {
  const bound = latencyBounds[part];
  return bound === undefined
    ? t("{0} ms or more", latencyBounds.at(-1) ?? 0)
    : t("under {0} ms", bound);
}

const style = `
td { white-space: nowrap; }
thead th:not(:first-child) { text-align: end; }
figure { margin: 1em 0; }
svg rect { fill: var(--vscode-charts-blue, currentColor); stroke: var(--vscode-contrastActiveBorder, none); }
svg line { stroke: var(--vscode-charts-lines, currentColor); }
button { color: var(--vscode-button-foreground); background: var(--vscode-button-background); border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent)); padding: .4em 1em; font: inherit; cursor: pointer; }
button:hover { background: var(--vscode-button-hoverBackground); }
`;

const script = `
const editor = acquireVsCodeApi();
for (const button of document.querySelectorAll("button"))
  button.addEventListener("click", () => editor.postMessage(button.dataset.message));
`;
