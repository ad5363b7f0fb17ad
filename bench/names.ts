import { parseArgs } from "node:util";
import { join } from "node:path";
import { heal } from "../src/completion/healing";
import { isMemberPlace, typedName } from "../src/completion/names/candidates";
import { namesAt } from "../src/completion/names/completeName";
import { worthRunning } from "../src/completion/names/guesses";
import { firstTokens } from "../src/completion/names/hypotheses";
import {
  candidateFeatures,
  featuresOf,
  noneFeatures,
} from "../src/completion/names/ranking";
import { wordsAt } from "../src/completion/names/words";
import { unlimited } from "../src/completion/timeBudget";
import { suffixAfterLine } from "../src/completion/context";
import { asCount } from "./eval/asCount";
import { contexts, Contexts, type Context } from "./eval/contexts";
import type { SampleOptions } from "./eval/sample";
import { sampledFiles, withTypists } from "./eval/sample";
import { openSubject, type Subject } from "./eval/subject";
import type { LineToType } from "./eval/lineToType";
import type { Typist } from "./eval/typist";

/** Candidates that are run: more than in the product, so that the choice among them can be fitted. */
const maxCandidates = 16;
/** Typed letters after which few names are left; from there on only every third position is used. */
const fewLetters = 5;

/**
 * Collects the words that a half-typed name may become, with their features and which is right, as
 * JSON lines: what `training/fit_names.py` fits the weights of `src/completion/names/ranking.ts` to.
 *
 * Usage: npx tsx bench/names.ts FOLDER... [--lines N] [--context NAME]
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      lines: { type: "string", default: "40" },
      context: { type: "string" },
    },
  });
  const asked = contexts.filter(
    (name) => values.context === undefined || name === values.context,
  );
  if (asked.length === 0) throw new Error(`no context "${values.context}"`);
  const packageFolder = join(__dirname, "../media/model");
  const subject = await openSubject(packageFolder);
  const options: SampleOptions = {
    packageFolder,
    lines: asCount("--lines", values.lines),
    unwritten: "block",
    isTimed: false,
    isClosing: false,
    contexts,
    settings: ["balanced"],
  };
  const known = new Contexts(subject);
  for (const [i, task] of sampledFiles(positionals, options).entries()) {
    // All of them in turn, unless one is named: users have all of them.
    const context = asked[i % asked.length]!;
    await withTypists(
      subject,
      known,
      { ...options, contexts: [context] },
      task,
      async (typist, lines, { file: { path } }) => {
        for (const line of lines)
          await collect(subject, typist, line, {
            folder: task.folder,
            context,
            path,
          });
      },
    );
  }
}

async function collect(
  { tokenizer, runtime }: Subject,
  typist: Typist,
  line: LineToType,
  about: { folder: string; context: Context; path: string },
): Promise<void> {
  const { signal } = new AbortController();
  const { others, more, names, projectNames } = typist.inputs;
  const { questionAt } = await typist.open(line);
  for (let at = 1; at < line.text.length; at++) {
    const { context, window } = questionAt(at);
    const { before, after, text, start, end, uri, languageId } = context;
    const typed = typedName(before);
    if (typed === "" && !isMemberPlace({ typed, before })) continue;
    if (typed.length >= fewLetters && at % 3 !== 0) continue;
    const tokens = window.tokensBefore(text, start);
    const healed = heal(tokenizer, tokens, window.startLength);
    const prefix = healed.healedPrefix;
    const continuation = await runtime.prefill(uri, healed.tokens, signal, {
      suffix: suffixAfterLine(text, end),
      others,
      more,
    });
    const { candidates, position } = namesAt(typed, {
      languageId,
      before,
      after,
      names,
      projectNames,
    });
    const tried = worthRunning(
      continuation,
      tokenizer,
      prefix,
      candidates,
      position,
      maxCandidates,
      Infinity,
    );
    const { run: words } = await wordsAt(
      continuation,
      tokenizer,
      prefix,
      typed,
      tried,
      { signal, timeBudget: unlimited },
    );
    const texts = words.map(({ rest }) => Buffer.from(rest).toString());
    const rest = /^[\p{L}\p{N}_$]*/u.exec(line.text.slice(at))![0];
    const first = firstTokens(continuation, tokenizer, prefix, texts);
    console.log(
      JSON.stringify({
        ...about,
        typed: typed.length,
        right: texts.indexOf(rest),
        found: candidates.some(({ name }) => name === typed + rest),
        words: words.map((word) => featuresOf(word, position)),
        guess: words.map(({ candidate, isComplete }, i) => [
          first[i]!,
          ...candidateFeatures(candidate, isComplete, position),
        ]),
        none: noneFeatures(position, words),
        texts,
        rest,
        line: `${line.text.slice(0, at)}█`,
      }),
    );
  }
}

void main();
