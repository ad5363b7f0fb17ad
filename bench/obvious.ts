import { extname, join } from "node:path";
import { completeText } from "../src/cli/completeText";
import { loadModel } from "../src/runtime/loadedModel";
import { readMarkedPlaces } from "./markedPlaces";

const root = join(__dirname, "..");

/**
 * The share of obvious places at which the suggestion starts as expected.
 *
 * Usage: npm run obvious [-- MODEL_FOLDER] [--json]
 */
async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const folder =
    args.find((arg) => !arg.startsWith("--")) ?? join(root, "media/model");
  const signal = new AbortController().signal;
  const model = await loadModel(folder, {
    threads: 0,
    memoryBudget: 256e6,
    signal,
  });
  const languages: Record<string, { right: number; places: number }> = {};
  const misses: string[] = [];
  for (const { file, text, offset, answers } of readMarkedPlaces(
    join(root, "bench/obvious/places.txt"),
  )) {
    const place = { path: file, text, offset };
    const outcome = await completeText(model, place, { timeBudget: 10_000 });
    const isRight = answers.some((answer) => outcome.text.startsWith(answer));
    const language = (languages[extname(file).slice(1)] ??= {
      right: 0,
      places: 0,
    });
    language.places++;
    if (isRight) language.right++;
    else {
      const shown = JSON.stringify(outcome.text) + ` (${outcome.reason})`;
      misses.push(`${file}: ${JSON.stringify(answers[0])} expected, ${shown}`);
    }
  }
  await model.dispose();
  const all = Object.values(languages);
  const places = all.reduce((sum, language) => sum + language.places, 0);
  const right = all.reduce((sum, language) => sum + language.right, 0);
  if (args.includes("--json"))
    console.log(
      JSON.stringify({ share: right / places, right, places, languages }),
    );
  else {
    for (const miss of misses) console.log(miss);
    console.log(
      `${right} of ${places} obvious places (${((100 * right) / places).toFixed(1)} %)`,
    );
  }
}

void main();
