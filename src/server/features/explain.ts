import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { URI } from "vscode-uri";
import { suffixAfterLine } from "../../completion/context";
import { explain, type TokenOrigin } from "../../completion/explain";
import { typedName } from "../../completion/names/candidates";
import { noSuggestionReasonOf } from "../../completion/reasons";
import { refuseDocument } from "../../completion/refuse";
import { confidenceOf, type Suggestion } from "../../completion/suggestion";
import type {
  ExplainedToken,
  ExplainResult,
  Explanation,
} from "../../protocol";
import { nameChars } from "../../text/words";
import { generationInputs } from "../generationInputs";
import { documentInfo, type GivenSuggestion, type Session } from "../session";
import { explanationLines } from "./explanationLines";
import { SourceTexts } from "./sourceTexts";

/** Most tries, since a keystroke's request interrupts the one under way. */
const mostTries = 3;
/** Most candidates of the project among which the chosen name is looked for, to find its file. */
const mostNames = 16;

const onlyName = new RegExp(`^[${nameChars}]+$`, "u");

/**
 * Answers `rwkv/explain`: where the last suggestion comes from. The network reads the suggestion again, in
 * the document as it is now, so that no request has to keep the sources of its tokens.
 */
export async function explainSuggestion(
  session: Session,
  signal: AbortSignal,
): Promise<ExplainResult> {
  for (let tries = 1; ; tries++) {
    try {
      return await explainOnce(session, signal);
    } catch (error) {
      const reason = noSuggestionReasonOf(error, signal);
      if (reason === "failed") throw error;
      if (reason !== "superseded" || tries === mostTries) return { reason };
    }
  }
}

/** The explanation of the last suggestion as lines of text in the client's language. */
export async function explainAsText(
  session: Session,
  signal: AbortSignal,
): Promise<string> {
  return explanationLines(
    await explainSuggestion(session, signal),
    session.translate,
  );
}

async function explainOnce(
  session: Session,
  signal: AbortSignal,
): Promise<ExplainResult> {
  const { given, runner } = session;
  if (given === undefined) return { reason: "nothing suggested" };
  const open = session.documents.get(given.uri);
  if (open === undefined) return { reason: "document closed" };
  const info = await documentInfo(session, open, signal);
  const refused = refuseDocument(info);
  if (refused !== undefined) return { reason: refused };
  if (open.isOutOfStep) return { reason: "out of step" };
  const text = open.document.getText();
  const start = placeOf(given, text);
  if (start === undefined) return { reason: "document changed" };
  const { revision } = session.settings;
  const lead = session.notebooks.textBefore(open, revision);
  const inputs = generationInputs(session, open, info, lead, revision);
  if (typeof inputs === "string") return { reason: inputs };
  if (runner.kind === "generate") return { reason: "generating" };

  const { model, window, others = [], more = [] } = inputs;
  const key = inputs.key ?? given.uri;
  const { suggestion, selectedText, insertText } = given;
  const end = text.startsWith(insertText, start)
    ? start + insertText.length
    : start;
  const tokens = window.tokensBefore(lead + text, lead.length + start);
  const origins = await runner.run("suggestion", signal, (runSignal) =>
    explain(
      model,
      {
        key,
        tokens,
        startLength: window.startLength,
        selectedText,
        text: suggestion.text,
        context: { suffix: suffixAfterLine(text, end), others, more },
      },
      runSignal,
    ),
  );
  const texts = new SourceTexts(session, model.runtime, {
    key,
    uri: given.uri,
    before: text.slice(0, start),
    after: text.slice(end),
    lineOfAfter: open.document.positionAt(end).line,
  });
  const explained: ExplainedToken[] = [];
  for (const origin of origins) {
    explained.push(await explainedToken(origin, texts));
    // Each search may go through a whole file.
    await yieldToEventLoop();
    signal.throwIfAborted();
  }
  const typed = typedName(text.slice(0, start) + selectedText);
  const name = await explainedName(session, given, typed, others, texts);
  const explanation: Explanation = {
    uri: given.uri,
    position: open.document.positionAt(start),
    model: model.name,
    reason: suggestion.reason,
    ...(suggestion.stop && { stop: suggestion.stop }),
    confidence: confidenceOf(suggestion),
    tokens: name === undefined ? explained : asName(explained, name, typed),
    ...(name && { name }),
    cuts: (suggestion.cuts ?? []).filter((cut) => cut.text.trim() !== ""),
    ms: given.ms,
    timings: suggestion.timings,
  };
  return { reason: "", explanation };
}

/** Where a suggestion begins in the present text; undefined if the text before it has changed. */
function placeOf(
  { start, before }: GivenSuggestion,
  text: string,
): number | undefined {
  if (text.slice(start - before.length, start) === before) return start;
  const found = text.lastIndexOf(before);
  return found < 0 || before === "" ? undefined : found + before.length;
}

/** A token with the source that gives most of its probability. */
async function explainedToken(
  { text, probability, network, copied, idiom, recalled, passage }: TokenOrigin,
  texts: SourceTexts,
): Promise<ExplainedToken> {
  const others = [
    { source: "network", share: network },
    { source: "similar place", share: recalled },
    { source: "idiom", share: idiom },
  ] as const;
  const most = others.reduce((a, b) => (b.share > a.share ? b : a));
  if (passage !== undefined && copied >= most.share) {
    const from = await texts.find(passage);
    return { text, probability, share: copied, ...from };
  }
  return { text, probability, ...most };
}

/** The name that a suggestion completes, if it was chosen as a whole among candidates. */
async function explainedName(
  session: Session,
  { uri, suggestion }: GivenSuggestion,
  typed: string,
  others: readonly string[],
  texts: SourceTexts,
): Promise<ExplainedToken | undefined> {
  const rest = chosenWhole(suggestion);
  if (rest === undefined || typed === "") return undefined;
  const text = typed + rest;
  const probability = Math.exp(suggestion.tokens[0]!.logProbability);
  const candidates = session.project.candidates(
    uri,
    { typed: text.slice(0, -1) },
    mostNames,
  );
  const known = candidates.find(({ name }) => name === text)?.source;
  const from = await texts.findName(
    text,
    others,
    known === undefined ? undefined : URI.file(known).fsPath,
  );
  return { text, probability, share: 1, ...from };
}

/** The rest of a name with which a suggestion begins, if the name was chosen as a whole. */
function chosenWhole({ text, tokens }: Suggestion): string | undefined {
  const [first] = tokens;
  // -1 is the id of such a name's rest, and of all text of a completion server.
  if (first?.id !== -1) return undefined;
  const rest = text.slice(0, first.end);
  return onlyName.test(rest) ? rest : undefined;
}

/** Gives the tokens of a name the source and the place of the name. */
function asName(
  tokens: readonly ExplainedToken[],
  { source, place, text }: ExplainedToken,
  typed: string,
): ExplainedToken[] {
  let at = typed.length;
  return tokens.map((token) => {
    const isName = at < text.length;
    at += token.text.length;
    if (!isName || source === "network") return token;
    const { place: _, ...rest } = token;
    return { ...rest, source, share: 1, ...(place && { place }) };
  });
}
