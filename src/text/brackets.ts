/** Brackets of most languages, by the opening one. */
export const closerOf: Readonly<Record<string, string>> = {
  "(": ")",
  "[": "]",
  "{": "}",
};
