import { parseArgs } from "node:util";
import { join } from "node:path";
import { heal } from "../src/completion/healing";
import {
  nameCandidates,
  namesElsewhere,
  typedName,
} from "../src/completion/names/candidates";
import { commonWords } from "../src/completion/names/commonWords";
import { namesIn } from "../src/completion/names/names";
import { wordsAt } from "../src/completion/names/completeName";
import {
  featuresOf,
  noneFeatures,
  positionOf,
} from "../src/completion/names/ranking";
import { suffixAfterLine } from "../src/completion/context";
import { sampleLines } from "./eval/project";
import { neighbours, readSourceFiles } from "./eval/sourceFiles";
import { openSubject } from "./eval/subject";
import { openBeside, Typist } from "./eval/typist";
import { uriOf } from "./eval/typing";

/**
 * Collects the words that a half-typed name may become, with their features and which is right, as
 * JSON lines: what `training/fit_names.py` fits the weights of `src/completion/names/ranking.ts` to.
 *
 * Usage: npx tsx bench/names.ts FOLDER... [--lines N]
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { lines: { type: "string", default: "40" } },
  });
  const subject = await openSubject(join(__dirname, "../media/model"));
  const { tokenizer, runtime } = subject;
  const { signal } = new AbortController();
  let typedFiles = 0;
  for (const folder of positionals) {
    const files = readSourceFiles(folder);
    for (const { file, lines } of sampleLines(
      files,
      Number(values.lines),
      "block",
    )) {
      // Every second file stands alone, the others know the project: both happen to users.
      const isAlone = ++typedFiles % 2 === 0;
      const elsewhere = isAlone ? [] : files.filter((other) => other !== file);
      const near = isAlone ? [] : neighbours(file, files, 8);
      for (const other of near) openBeside(subject, other);
      const names = elsewhere.map(({ text }) => namesIn(text));
      const typist = new Typist(subject, file, near, {
        settings: {},
        isTimed: false,
        isClosing: false,
      });
      for (const line of lines) {
        const { questionAt } = await typist.open(line);
        for (let at = 1; at < line.text.length; at++) {
          const question = questionAt(at);
          const { context, window } = question;
          const typed = typedName(context.before);
          const rest = /^[\p{L}\p{N}_$]*/u.exec(line.text.slice(at))![0];
          if (typed === "") continue;
          const candidates = nameCandidates(
            typed,
            context.before,
            context.after,
            namesElsewhere(typed, names, []),
            commonWords(file.language, typed),
            8,
          );
          const tokens = window.tokensBefore(context.text, context.start);
          const healed = heal(tokenizer, tokens, window.startLength);
          const continuation = await runtime.prefill(
            uriOf(file),
            healed.tokens,
            signal,
            {
              suffix: suffixAfterLine(context.text, context.end),
              others: near.map(uriOf),
            },
          );
          const words = await wordsAt(
            continuation,
            tokenizer,
            healed.healedPrefix,
            typed,
            candidates,
            signal,
          );
          const right = words.findIndex(
            (word) => Buffer.from(word.rest).toString() === rest,
          );
          console.log(
            JSON.stringify({
              folder,
              typed: typed.length,
              right,
              words: words.map((word) =>
                featuresOf(word, positionOf(words, typed.length)),
              ),
              none: words.length === 0 ? [] : noneFeatures(typed.length, words),
              texts: words.map((word) => Buffer.from(word.rest).toString()),
              rest,
            }),
          );
        }
      }
      for (const other of near) runtime.forget(uriOf(other));
      runtime.forget(uriOf(file));
      subject.network.forget();
    }
  }
}

void main();
