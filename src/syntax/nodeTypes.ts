/**
 * What the types of nodes mean. Grammars name alike what is alike, so one set of patterns serves all
 * of them; the cases in test/syntax hold it to each grammar.
 */
export const isComment = (type: string) => /comment/.test(type);

export const isRegex = (type: string) => /^regex|_regex/.test(type);

/** Strings and what they consist of, characters included; not lists of strings side by side. */
export const isString = (type: string) =>
  /string|^(?:char|character|rune)_literal$|heredoc|nowdoc|text_block|template_chars|escape_sequence/.test(
    type,
  ) && !/^(?:concatenated|chained)_string$/.test(type);

/** Code in a string. */
export const isInterpolation = (type: string) =>
  /interpolation$|substitution$|expansion$/.test(type);

export const isBlock = (type: string) =>
  /(?:^|_)(?:block|body|suite|declaration_list|compound_statement|match_block|do_group)$/.test(
    type,
  );

export const isStatement = (type: string) =>
  /(?:^|_)(?:statement|declaration|definition|item|directive|rule_set|assignment|pass)$/.test(
    type,
  ) ||
  /^(?:method|class|module|singleton_method|field_initializer)$/.test(type);

/** Hidden nodes that a statement goes through in some grammars. */
export const isCall = (type: string) =>
  /^(?:call|new|command|method_invocation|object_creation|invocation)(?:_expression)?$|_call_expression$/.test(
    type,
  );

export const isName = (type: string) =>
  /(?:^|_)identifier$|^(?:constant|name|variable_name|property_name|class_name|instance_variable|word)$/.test(
    type,
  );

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

/** Tokens behind which a member's name stands. */
export const accessors: ReadonlySet<string> = new Set([
  ".",
  "?.",
  "->",
  "?->",
  "::",
  "&.",
]);
