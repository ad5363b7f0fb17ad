import { cutText, placeText, sourceText } from "../../explanationText";
import { english } from "../../messages";
import type { ExplainedToken, ExplainResult } from "../../protocol";

/** An explanation as lines of English, for clients that have no page for it. */
export function explanationLines({
  reason,
  explanation,
}: ExplainResult): string {
  if (explanation === undefined) return `RWKV: nothing to explain: ${reason}`;
  const { tokens, name, cuts, uri, position, model } = explanation;
  const { prefillTokens, prefillMs, decodeTokens, decodeMs } =
    explanation.timings;
  return [
    `Suggestion at ${placeText({ uri, position, text: "" })} by ${model}, ${percent(explanation.confidence)} sure`,
    ...(name ? [`the name ${line(name)}`] : []),
    ...tokens.map(line),
    ...cuts.map(
      (cut) =>
        `cut off: ${JSON.stringify(cut.text)}, since ${cutText(cut.reason, english)}`,
    ),
    `${explanation.reason}${explanation.stop ? `, ended by ${explanation.stop}` : ""}, in ${explanation.ms.toFixed(0)} ms` +
      ` (${prefillTokens} tokens read in ${prefillMs.toFixed(0)} ms, ${decodeTokens} written in ${decodeMs.toFixed(0)} ms)`,
  ].join("\n");
}

function line({ text, probability, source, share, place }: ExplainedToken) {
  const from = place ? `, ${placeText(place)}: ${place.text}` : "";
  return `${JSON.stringify(text)} ${percent(probability)}: ${percent(share)} of it by ${sourceText(source, english)}${from}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
