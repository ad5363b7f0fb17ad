import { closedAfter, pairsOf, type Pair } from "./closers";

export const spanKinds = [
  "argument",
  "arguments",
  "condition",
  "string",
  "expression",
  "subscript",
  "object",
  "generic",
  "attribute",
  "closed call",
  "closed string",
] as const;

/**
 * What is cut out of a line: the first of several arguments of a call, all of them, the left side of
 * a condition, a string's content, all behind a `=`, a subscript, what braces hold, type arguments,
 * what an attribute or annotation is given. Of the last two the line ends with what an editor has
 * just closed: the arguments of a call, a string.
 */
export type SpanKind = (typeof spanKinds)[number];

/** A part of a line; text stands right of it, but for an expression that ends its line. */
export interface Span {
  readonly kind: SpanKind;
  /** UTF-16 units of the text. */
  readonly start: number;
  readonly end: number;
  /** What stands after the cursor in place of the rest of the line. */
  readonly closers?: string;
}

/** Most characters of a span. */
const mostCharacters = 60;
const mostLineCharacters = 160;

const comment = /^\s*(?:\/\/|#(?!!?\[)|\*|\/\*|--)/;
const notCalled =
  /(?:^|[^\p{L}\p{N}_])(?:if|for|while|switch|catch|return|function|func|fn|def|class|match|elif|and|or|not|in)$/u;

/** All spans in the lines of a text that are no comments, in order of lines. */
export function spansIn(text: string): Span[] {
  const spans: Span[] = [];
  let lineStart = 0;
  for (const line of text.split("\n")) {
    if (line.length <= mostLineCharacters && !comment.test(line))
      for (const { start, end, ...span } of spansOfLine(line)) {
        const content = line.slice(start, end);
        const isContent =
          content.trim() === content &&
          /[\p{L}\p{N}]/u.test(content) &&
          content.length <= mostCharacters;
        if (isContent)
          spans.push({
            ...span,
            start: lineStart + start,
            end: lineStart + end,
          });
      }
    lineStart += line.length + 1;
  }
  return spans;
}

function* spansOfLine(line: string): Iterable<Span> {
  const pairs = pairsOf(line);
  for (const pair of pairs) yield* spansInPair(line, pair, pairs);
  yield* conditions(line, pairs);
  yield* expressions(line, pairs);
  yield* generics(line, pairs);
  yield* attributes(line, pairs);
  yield* closed(line, pairs);
}

function* spansInPair(
  line: string,
  { open, close }: Pair,
  pairs: readonly Pair[],
): Iterable<Span> {
  const before = line.slice(0, open);
  const start = open + 1;
  const opener = line[open]!;
  if (/["'`]/.test(opener)) yield { kind: "string", start, end: close };
  if (opener === "{") {
    // White space within the braces stays.
    const content = line.slice(start, close);
    const left = content.length - content.trimStart().length;
    const end = start + content.trimEnd().length;
    yield { kind: "object", start: start + left, end };
  }
  if (!/[\p{L}\p{N}_]$/u.test(before) || notCalled.test(before)) return;
  if (opener === "[") yield { kind: "subscript", start, end: close };
  if (opener !== "(" || isDeclared(before)) return;
  yield { kind: "arguments", start, end: close };
  const comma = outside(line, pairs, start, close).find(
    (at) => line[at] === ",",
  );
  if (comma !== undefined) yield { kind: "argument", start, end: comma };
}

/** Whether a name before a bracket is declared there, so that what follows are parameters. */
function isDeclared(before: string): boolean {
  return /(?:^|\s)(?:function\*?|func(?:\s*\([^)]*\))?|fn|def)\s+[\p{L}\p{N}_]+$/u.test(
    before,
  );
}

function* conditions(line: string, pairs: readonly Pair[]): Iterable<Span> {
  const found = /(?:^|[^\p{L}\p{N}_])(?:if|while|elif)\s+?(\()?/u.exec(line);
  if (found === null) return;
  const start = found.index + found[0].length;
  const pair = pairs.find(({ open }) => found[1] && open === start - 1);
  const operators = /\s(?:&&|\|\||and|or|[=!]==?|[<>]=?)\s/gu;
  operators.lastIndex = start;
  const limit = pair?.close ?? line.length;
  const free = new Set(outside(line, pairs, start, limit));
  for (
    let operator = operators.exec(line);
    operator !== null;
    operator = operators.exec(line)
  ) {
    if (!free.has(operator.index)) continue;
    yield { kind: "condition", start, end: operator.index };
    return;
  }
}

function* expressions(line: string, pairs: readonly Pair[]): Iterable<Span> {
  const inOpen = new Set(outside(line, pairs, 0, line.length));
  const at = [...line.matchAll(/\s:?=\s/g)].find(({ index }) =>
    inOpen.has(index),
  );
  if (at === undefined) return;
  const start = at.index + at[0].length;
  const end = line.trimEnd().replace(/[;,]$/, "").length;
  // What ends with an open bracket goes on in the next line.
  if (end > start && !/[([{\\=+,]$/.test(line.slice(0, end)))
    yield { kind: "expression", start, end };
}

function* generics(line: string, pairs: readonly Pair[]): Iterable<Span> {
  const outsideStrings = new Set(
    outside(
      line,
      pairs.filter(({ open }) => /["'`]/.test(line[open]!)),
      0,
      line.length,
    ),
  );
  for (const found of line.matchAll(/(?<=[\p{L}\p{N}_])<([^<>()=;&|]+)>/gu)) {
    const start = found.index + 1;
    if (outsideStrings.has(start))
      yield { kind: "generic", start, end: start + found[1]!.length };
  }
}

/** What `@name(…)`, `#[…]` and the attributes of a tag hold. */
function* attributes(line: string, pairs: readonly Pair[]): Iterable<Span> {
  const kind = "attribute";
  const isAnnotation = /^\s*(?:@[\p{L}_]|#!?\[)/u.test(line);
  for (const { open, close } of pairs) {
    const span: Span = { kind, start: open + 1, end: close };
    const before = line.slice(0, open);
    if (
      isAnnotation
        ? /^\s*(?:@[^(]*|#!?(?:\[\w+)?)$/.test(before)
        : isInTag(before)
    )
      yield span;
  }
}

/** Whether a text ends with `name=` in a tag that is not closed. */
function isInTag(before: string): boolean {
  return /^[^<>]*<[A-Za-z][^<>]*\s[\w:-]+=$/.test(before);
}

/** Calls and strings as an editor leaves them that closes brackets and quotes. */
function* closed(line: string, pairs: readonly Pair[]): Iterable<Span> {
  const closed = closedAfter(line);
  for (const pair of pairs)
    for (const { kind, start, end } of spansInPair(line, pair, pairs)) {
      const { closers } = closed[start]!;
      if (kind === "arguments")
        yield { kind: "closed call", start, end, closers };
      if (kind === "string")
        yield { kind: "closed string", start, end, closers };
    }
}

/** The places between two of a line that lie in no pair within them. */
function outside(
  line: string,
  pairs: readonly Pair[],
  start: number,
  end: number,
): number[] {
  const inner = pairs.filter(({ open, close }) => open >= start && close < end);
  const places: number[] = [];
  for (let at = start; at < end; at++)
    if (!inner.some(({ open, close }) => open <= at && at <= close))
      places.push(at);
  return places;
}
