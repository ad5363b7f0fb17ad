import {
  cutText,
  placeText,
  sourceText,
  timesText,
} from "../../explanationText";
import type { Translate } from "../../messages";
import type { ExplainedToken, ExplainResult } from "../../protocol";
import { reasonText } from "../../reasonText";

/** An explanation as lines of text, for clients that have no page for it. */
export function explanationLines(
  { reason, explanation }: ExplainResult,
  t: Translate,
): string {
  if (explanation === undefined)
    return t("There is nothing to explain: {0}.", reasonText(reason, t));
  const { tokens, name, cuts, uri, position, model, stop } = explanation;
  const line = ({ text, probability, source, share, place }: ExplainedToken) =>
    t(
      "{0} {1}: {2} of it by {3}",
      JSON.stringify(text),
      percent(probability),
      percent(share),
      sourceText(source, t),
    ) + (place ? `, ${placeText(place)}: ${place.text}` : "");
  return [
    t(
      "Suggestion at {0} by {1}, {2} sure as a whole",
      placeText({ uri, position, text: "" }),
      model,
      percent(explanation.confidence),
    ),
    ...(name ? [t("the name {0}", line(name))] : []),
    ...tokens.map(line),
    ...cuts.map((cut) =>
      t(
        "cut off: {0}, since {1}",
        JSON.stringify(cut.text),
        cutText(cut.reason, t),
      ),
    ),
    ...(stop ? [t("It ended since {0}.", reasonText(stop, t))] : []),
    timesText(explanation, t, "en"),
  ].join("\n");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
