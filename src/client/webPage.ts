import { randomBytes } from "node:crypto";

/** What a page consists of; `title` is text, the rest is HTML, CSS and JavaScript of ours. */
export interface PageParts {
  readonly title: string;
  /** How numbers are written, and the page's language. */
  readonly locale: string;
  readonly body: string;
  /** On top of what all pages have. */
  readonly style: string;
  readonly script: string;
  /** Moves the focus to the heading: where the part that had it is gone. */
  readonly focusHeading?: boolean;
}

/** A number used once, for {@link webPage}. */
export function newNonce(): string {
  return randomBytes(16).toString("hex");
}

/**
 * A whole page as HTML. Nothing in it comes from outside: style and script have the nonce that the
 * content security policy asks for, and everything else is forbidden. Colours are the theme's.
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

/** Makes text safe inside of elements and attributes. */
export function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

/** The editor takes the focus from a page's part to a dialog, and gives it back to the page alone. */
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
