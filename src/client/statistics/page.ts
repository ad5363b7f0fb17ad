import type { Translate } from "../../messages";
import { suggestionsValues, type Suggestions } from "../../protocol";
import { escapeHtml, webPage } from "../webPage";
import { barChart, table, wideTable, type Bar } from "./charts";
import {
  add,
  latencyBounds,
  noCounts,
  sumBy,
  type Counts,
  type Row,
} from "./counts";
import { figuresOf, percent, type Figure } from "./figures";

/** Most days that are shown. */
const daysShown = 30;
/** The figure that the charts show at first. */
const firstFigure = "keys";

/** What a time beyond the last bound is drawn as, in milliseconds. */
const beyond = 2 * latencyBounds.at(-1)!;

/** The message that the page sends to the extension when a button is pressed. */
export type PageMessage = "export" | "clear";

/**
 * The page as HTML.
 *
 * @param locale the language of the page and of its numbers, e.g. "zh-cn"
 * @param setting the present value of `rwkv.suggestions`
 * @param focusHeading whether the page moves the focus to its heading
 */
export function statisticsPage(
  rows: readonly Row[],
  t: Translate,
  locale: string,
  nonce: string,
  {
    setting = "balanced",
    focusHeading = false,
  }: { setting?: Suggestions; focusHeading?: boolean } = {},
): string {
  const total = noCounts();
  for (const row of rows) add(total, row);
  const body = `<p>${escapeHtml(t("Counted and kept on this machine alone. No text is kept, and nothing is sent."))}</p>
${rows.length === 0 ? `<p>${escapeHtml(t("Nothing was suggested yet."))}</p>` : figures(rows, total, setting, t, locale)}
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
  setting: Suggestions,
  t: Translate,
  locale: string,
): string {
  const number = (n: number) => n.toLocaleString(locale);
  const all = figuresOf(t, locale);
  const share = (n: number, of: number) =>
    percent(of === 0 ? undefined : n / of, locale);
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
  const times = total.latency.map((count, i) => ({
    label: timeLabel(i, t),
    value: count,
    text: number(count),
  }));
  const byTime = t("Suggestions by the time until they came");
  const days = [...sumBy(rows, ({ day }) => day)].slice(-daysShown);
  const groups = (key: (row: Row) => string) =>
    [...sumBy(rows, key)].sort(([, a], [, b]) => b.offered - a.offered);
  return `${table(t("RWKV statistics"), [t("Figure"), t("Value")], explained)}
${settingsTable(total, setting, t, locale)}
<h2>${escapeHtml(t("Time until a suggestion"))}</h2>
<figure><figcaption>${escapeHtml(byTime)}</figcaption>${barChart(byTime, times)}</figure>
${table(
  byTime,
  [t("Time"), t("Suggestions")],
  times.map(({ label, text }) => [label, text]),
)}
<p><label for="figure">${escapeHtml(t("Figure in the charts below:"))}</label>
<select id="figure">${all.map(optionOf).join("")}</select></p>
${section(t("By day"), t("Day"), days, all)}
${section(
  t("By language"),
  t("Language"),
  groups(({ languageId }) => languageId),
  all,
)}
${section(
  t("By model"),
  t("Model"),
  groups(({ model }) => model),
  all,
)}`;
}

/** A chart for each figure, of which the chosen one is seen, and a table of all of them. */
function section(
  title: string,
  column: string,
  groups: readonly (readonly [string, Counts])[],
  all: readonly Figure[],
): string {
  const charts = all.map((figure) => {
    const bars = groups.map(([label, counts]): Bar => {
      const value = figure.value(counts);
      const height = value === Infinity ? beyond : (value ?? 0);
      return { label, value: height, text: figure.text(value) };
    });
    const name = `${title}: ${figure.name}`;
    const hidden = figure.id === firstFigure ? "" : " hidden";
    return `<figure data-figure="${figure.id}"${hidden}><figcaption>${escapeHtml(figure.name)}</figcaption>${barChart(name, bars, figure.whole)}</figure>`;
  });
  return `<h2>${escapeHtml(title)}</h2>
${charts.join("\n")}
${wideTable(
  title,
  [column, ...all.map(({ name }) => name)],
  groups.map(([label, counts]) => [
    label,
    ...all.map((figure) => figure.text(figure.value(counts))),
  ]),
)}`;
}

function optionOf({ id, name }: Figure): string {
  const selected = id === firstFigure ? " selected" : "";
  return `<option value="${id}"${selected}>${escapeHtml(name)}</option>`;
}

/** What each value of `rwkv.suggestions` would have shown, and a sentence on the one that shows most. */
function settingsTable(
  { settings }: Counts,
  present: Suggestions,
  t: Translate,
  locale: string,
): string {
  const { often } = settings;
  if (often.shown === 0) return "";
  const now = settings[present].shown;
  const times = (n: number) =>
    now === 0
      ? "–"
      : (n / now).toLocaleString(locale, { maximumFractionDigits: 1 });
  const share = ({ compared, right }: Counts["settings"][Suggestions]) =>
    percent(compared === 0 ? undefined : right / compared, locale);
  const title = t("What the setting rwkv.suggestions shows");
  const rows = suggestionsValues.map((name) => [
    name === present ? t("{0} (now)", name) : name,
    settings[name].shown.toLocaleString(locale),
    t("{0} ×", times(settings[name].shown)),
    share(settings[name]),
  ]);
  // In the first minute nothing is compared yet.
  const sentence =
    present === "often" || settings[present].compared === 0
      ? ""
      : `<p>${escapeHtml(
          t(
            'With rwkv.suggestions set to "often" you would have seen about {0} times as many suggestions, {1} of them right in their first word; now it is {2}.',
            times(often.shown),
            share(often),
            share(settings[present]),
          ),
        )}</p>`;
  const note = t(
    "Counted where suggestions come while you type, and compared with the text a minute later. What a setting that shows more would have added is an estimate by the first word.",
  );
  return `<h2>${escapeHtml(title)}</h2>
${sentence}
${table(
  title,
  [t("Setting"), t("Suggestions"), t("Against now"), t("First word right")],
  rows,
)}
<p>${escapeHtml(note)}</p>`;
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
.wide { overflow-x: auto; }
.wide thead th { vertical-align: bottom; }
.wide:focus-visible, select:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
select { color: var(--vscode-dropdown-foreground); background: var(--vscode-dropdown-background); border: 1px solid var(--vscode-dropdown-border, var(--vscode-contrastBorder, currentColor)); padding: .3em; font: inherit; }
svg text { fill: currentColor; font-size: .85em; }
svg rect { fill: var(--vscode-charts-blue, currentColor); stroke: var(--vscode-contrastActiveBorder, none); }
svg line { stroke: var(--vscode-charts-lines, currentColor); }
button { color: var(--vscode-button-foreground); background: var(--vscode-button-background); border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent)); padding: .4em 1em; font: inherit; cursor: pointer; }
button:hover { background: var(--vscode-button-hoverBackground); }
`;

const script = `
const editor = acquireVsCodeApi();
for (const button of document.querySelectorAll("button"))
  button.addEventListener("click", () => editor.postMessage(button.dataset.message));
const choice = document.querySelector("select");
function showFigure() {
  for (const figure of document.querySelectorAll("[data-figure]"))
    figure.hidden = figure.dataset.figure !== choice.value;
}
if (choice) {
  // The page is drawn anew when it is shown again.
  const chosen = editor.getState()?.figure;
  if ([...choice.options].some(({ value }) => value === chosen)) choice.value = chosen;
  choice.addEventListener("change", () => {
    editor.setState({ figure: choice.value });
    showFigure();
  });
  showFigure();
}
`;
