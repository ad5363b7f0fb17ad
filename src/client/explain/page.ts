import {
  cutText,
  placeText,
  sourceText,
  timesText,
  tokenSources,
} from "../../explanationText";
import type { Translate } from "../../messages";
import type { ExplainedToken, Explanation } from "../../protocol";
import { reasonText } from "../../reasonText";
import { escapeHtml, webPage } from "../webPage";

/** The page's message when the user chooses a place: the index of the place in {@link placesOf}. */
export interface PageMessage {
  readonly open: number;
}

/**
 * The places that the page links to: at 0 the suggestion's own, at 1 that of the name, from 2 on those of
 * the tokens. Undefined where there is no name, or it is not known where something was copied from.
 */
export function placesOf({ uri, position, name, tokens }: Explanation) {
  return [
    { uri, position, text: "" },
    name?.place,
    ...tokens.map((token) => token.place),
  ];
}

/**
 * The page as HTML: the suggestion with its tokens marked by their sources, and the same as a table.
 * Sources differ in colour and in the style of the underline.
 *
 * @param locale the language of the page and of its numbers, e.g. "zh-cn"
 */
export function explanationPage(
  explanation: Explanation,
  t: Translate,
  locale: string,
  nonce: string,
): string {
  const html = (text: string) => escapeHtml(text);
  const percent = (share: number) =>
    share.toLocaleString(locale, {
      style: "percent",
      maximumFractionDigits: 0,
    });
  const link = (number: number, label: string) =>
    `<button type="button" class="link" data-open="${number}">${html(label)}</button>`;
  const [own] = placesOf(explanation);
  const { tokens, name, cuts, confidence, model } = explanation;
  const from = (number: number, { place }: ExplainedToken) =>
    place === undefined
      ? ""
      : `${link(number, placeText(place))} <code>${html(place.text)}</code>`;
  const source = (token: ExplainedToken) =>
    `<span class="${classOf(token)}">${html(sourceText(token.source, t))}</span> ${percent(token.share)}`;
  const row = (label: string, token: ExplainedToken, number: number) =>
    `<tr><th scope="row">${label}</th><td>${percent(token.probability)}</td><td>${source(token)}</td><td>${from(number, token)}</td></tr>`;
  const marked = tokens.map(
    (token) =>
      `<span class="${classOf(token)}" title="${html(`${sourceText(token.source, t)}, ${percent(token.probability)}`)}">${html(token.text)}</span>`,
  );
  const rows = tokens.map((token, i) =>
    row(`<code>${html(visible(token.text))}</code>`, token, i + 2),
  );
  const legend = tokenSources.map((kind) => {
    const share = shareOf(tokens, kind);
    return `<li><span class="${classOf({ source: kind })}">${html(sourceText(kind, t))}</span> ${percent(share)}</li>`;
  });
  const head = [t("Token"), t("Probability"), t("Source"), t("Copied from")]
    .map((column) => `<th scope="col">${html(column)}</th>`)
    .join("");
  const named = name
    ? `<p id="name">${html(t("The name was chosen as a whole among those that are known:"))}</p><table aria-labelledby="name"><thead><tr>${head}</tr></thead><tbody>${row(`<code>${html(name.text)}</code>`, name, 1)}</tbody></table>`
    : "";
  const cut = cuts.length
    ? `<ul>${cuts.map((each) => `<li><code>${html(visible(each.text))}</code>: ${html(cutText(each.reason, t))}</li>`).join("")}</ul>`
    : `<p>${html(t("Nothing was cut off."))}</p>`;
  const body = `<p>${link(0, placeText(own!))} · ${html(t("model {0}", model))} · ${html(t("{0} sure as a whole", percent(confidence)))}</p>
<pre tabindex="0" role="group" aria-label="${html(t("Suggestion"))}">${marked.join("")}</pre>
<h2>${html(t("Sources"))}</h2>
<ul class="legend">${legend.join("")}</ul>
${named}
<h2 id="tokens">${html(t("Token by token"))}</h2>
<table aria-labelledby="tokens"><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table>
<h2>${html(t("What was cut off, and where it ended"))}</h2>
${cut}
${explanation.stop ? `<p>${html(t("It ended since {0}.", reasonText(explanation.stop, t)))}</p>` : ""}
<h2>${html(t("Times"))}</h2>
<p>${html(timesText(explanation, t, locale))}</p>`;
  const title = t("Where this suggestion comes from");
  return webPage({ title, locale, body, style, script }, nonce);
}

/** A page that says why there is nothing to explain. */
export function nothingPage(
  reason: string,
  t: Translate,
  locale: string,
  nonce: string,
): string {
  const sentence = t(
    "There is nothing to explain: {0}.",
    reasonText(reason, t),
  );
  const body = `<p>${escapeHtml(sentence)}</p>`;
  const title = t("Where this suggestion comes from");
  return webPage({ title, locale, body, style: "", script: "" }, nonce);
}

/** The share of the text that comes from a source, 0 … 1, by UTF-16 units. */
function shareOf(
  tokens: readonly ExplainedToken[],
  source: ExplainedToken["source"],
): number {
  const length = (some: readonly ExplainedToken[]) =>
    some.reduce((sum, { text }) => sum + text.length, 0);
  const all = length(tokens);
  return all === 0
    ? 0
    : length(tokens.filter((token) => token.source === source)) / all;
}

function classOf({ source }: Pick<ExplainedToken, "source">): string {
  return source.replace(" ", "-");
}

/** The text with signs for line ends and tabs, and for spaces at its start and end. */
function visible(text: string): string {
  return text
    .replaceAll("\n", "⏎")
    .replaceAll("\t", "⇥")
    .replace(/^ +| +$/g, (blanks) => "␣".repeat(blanks.length));
}

const style = `
pre { font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); padding: 1em; border: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, currentColor)); overflow: auto; line-height: 2; }
pre:focus-visible { outline: 1px solid var(--vscode-focusBorder); }
code { font-family: var(--vscode-editor-font-family); white-space: pre-wrap; overflow-wrap: anywhere; }
h1 { font-size: 1.5em; }
th, td { padding: .25em .5em; vertical-align: top; }
tbody th { min-width: 9em; }
td:nth-child(3), td:nth-child(4) { text-align: start; }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .5em 2em; }
.network, .this-file, .another-file, .library, .idiom, .similar-place { text-underline-offset: .3em; padding: .1em 0; }
.network { text-decoration: underline solid var(--vscode-charts-foreground, currentColor); }
.this-file { text-decoration: underline double var(--vscode-charts-blue, currentColor); background: color-mix(in srgb, var(--vscode-charts-blue) 20%, transparent); }
.another-file { text-decoration: underline dashed var(--vscode-charts-green, currentColor); background: color-mix(in srgb, var(--vscode-charts-green) 20%, transparent); }
.library { text-decoration: underline dotted var(--vscode-charts-purple, currentColor); background: color-mix(in srgb, var(--vscode-charts-purple) 20%, transparent); }
.idiom { text-decoration: underline wavy var(--vscode-charts-orange, currentColor); background: color-mix(in srgb, var(--vscode-charts-orange) 20%, transparent); }
.similar-place { text-decoration: underline dotted var(--vscode-charts-red, currentColor); background: color-mix(in srgb, var(--vscode-charts-red) 15%, transparent); }
.link { color: var(--vscode-textLink-foreground); background: none; border: none; padding: 0; font: inherit; text-decoration: underline; cursor: pointer; }
`;

const script = `
const editor = acquireVsCodeApi();
for (const button of document.querySelectorAll("[data-open]"))
  button.addEventListener("click", () => editor.postMessage({ open: Number(button.dataset.open) }));
`;
