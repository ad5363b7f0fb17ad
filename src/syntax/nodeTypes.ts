/**
 * Meanings of node types. Grammars use similar names for similar nodes, so one pattern covers all
 * grammars; the cases in test/syntax check it for each grammar.
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
