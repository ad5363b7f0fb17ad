/** Signature of `vscode.l10n.t`, passed in so that what uses it runs without an editor. */
export type Translate = (
  message: string,
  ...values: (string | number)[]
) => string;

/** Words a sentence by a translation, given what fills it. */
export type Sentence = (t: Translate, ...values: (string | number)[]) => string;
