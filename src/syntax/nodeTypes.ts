/**
 * What the types of nodes mean. Grammars name alike what is alike, so one pattern serves all of
 * them; the cases in test/syntax hold it to each grammar.
 */
export const isStatement = (type: string) =>
  /(?:^|_)(?:statement|declaration|definition|item|directive|rule_set|assignment|pass)$/.test(
    type,
  ) ||
  /^(?:method|class|module|singleton_method|field_initializer)$/.test(type);

export const closerOf: Readonly<Record<string, string>> = {
  "(": ")",
  "[": "]",
  "{": "}",
  "${": "}",
  "#{": "}",
  "#[": "]",
  "$(": ")",
  "((": "))",
};
export const closers: ReadonlySet<string> = new Set(
  ["(", "[", "{"].map((c) => closerOf[c]!),
);
