import { randomBytes } from "node:crypto";

/** The parts of a page. `title` is plain text; the HTML, CSS and JavaScript are inserted unchanged. */
export interface PageParts {
  readonly title: string;
  /** The page's language, e.g. "zh-cn". */
  readonly locale: string;
  readonly body: string;
  /** In addition to the style of all pages. */
  readonly style: string;
  readonly script: string;
  /** Whether the heading gets the focus, since the element that had it is gone. */
  readonly focusHeading?: boolean;
}

/** A number used once, for {@link webPage}. */
export function newNonce(): string {
  return randomBytes(16).toString("hex");
}

/**
 * A whole page as HTML, in the colours of the editor's theme. Its content security policy allows the
 * style and the script with the nonce, and nothing else.
 */
export function webPage(
  { title, locale, body, style, script, focusHeading = false }: PageParts,
  nonce: string,
): string {
  return `<!DOCTYPE html>
<html lang="${escapeHtml(locale)}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">${commonStyle}${style}</style>
</head>
<body>
<main>
<h1 tabindex="-1">${escapeHtml(title)}</h1>
${body}
</main>
<script nonce="${nonce}">${commonScript}${focusHeading ? focusScript : ""}${script}</script>
</body>
</html>`;
}

/** Escapes text for HTML elements and attribute values. */
export function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

/** After a dialog the editor gives the focus to the page; this gives it to the element that had it. */
const commonScript = `
let focused;
document.addEventListener("focusin", ({ target }) => (focused = target));
window.addEventListener("focus", () => {
  if (document.activeElement === document.body) focused?.focus();
});
`;

const focusScript = `
document.querySelector("h1").focus();
`;

const commonStyle = `
body { color: var(--vscode-foreground); background: var(--vscode-editor-background); font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); }
main { max-width: 60em; margin: 0 auto; padding: 1em; }
table { border-collapse: collapse; margin: 1em 0; }
th, td { text-align: start; padding: .25em .75em; border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, currentColor)); }
td { text-align: end; font-variant-numeric: tabular-nums; }
h1:focus { outline: none; }
button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
`;
