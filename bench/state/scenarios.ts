import { seededRandom } from "../../src/engine/sampling";
import type { LoadedModel } from "../../src/runtime/loadedModel";
import { EditedFile, type OnPrompt, type Sample } from "./editedFile";
import { sourceBehind, sourceText } from "./sources";

export const scenarios = [
  "typing-end",
  "random-edit",
  "reopen",
  "switch-file",
] as const;
export type Scenario = (typeof scenarios)[number];

/** What a scenario works with. */
export interface Workplace {
  /** A model whose states are saved in the same folder each time, and whose memory is empty. */
  load: () => Promise<LoadedModel>;
  lines: number;
  samples: number;
  /** Told the prompt of each sample. */
  onPrompt: OnPrompt;
}

/** Milliseconds that a user looks before jumping on. */
const look = 500;
const files = 3;

/** Runs a scenario; the first requests, in which code is compiled, are no samples. */
export const runScenario: Readonly<
  Record<Scenario, (workplace: Workplace) => Promise<Sample[]>>
> = {
  /** A file is open and read; code is typed at its end, a key at a time, without pauses. */
  async "typing-end"({ load, lines, samples, onPrompt }) {
    const loaded = await load();
    const file = new EditedFile(loaded, "src/typed.js", sourceText(lines));
    await file.rest();
    const keys = [...sourceBehind(lines)].filter((key) => key !== "\r");
    const taken: Sample[] = [];
    for (const [n, key] of keys.slice(0, samples + warmUp).entries()) {
      const sample = await file.type(key, n < warmUp ? undefined : onPrompt);
      if (n >= warmUp) taken.push(sample);
    }
    await loaded.dispose();
    return taken;
  },

  /** A file is open and read; a line anywhere gets a letter, and then there is half a second. */
  async "random-edit"({ load, lines, samples, onPrompt }) {
    const loaded = await load();
    const file = new EditedFile(loaded, "src/edited.js", sourceText(lines));
    await file.rest();
    const random = seededRandom(lines);
    const taken: Sample[] = [];
    for (let n = 0; n < samples + warmUp; n++) {
      file.moveTo(Math.floor(random() * file.text.length));
      const sample = await file.type(" i", n < warmUp ? undefined : onPrompt);
      if (n >= warmUp) taken.push(sample);
      await file.rest(look);
    }
    await loaded.dispose();
    return taken;
  },

  /** Work ends somewhere in a file; in a new engine the first request is there. */
  async reopen({ load, lines, samples, onPrompt }) {
    const random = seededRandom(lines);
    const taken: Sample[] = [];
    let text = sourceText(lines);
    for (let n = 0; n < samples; n++) {
      const before = await load();
      const worked = new EditedFile(before, "src/reopened.js", text);
      worked.moveTo(Math.floor(random() * text.length));
      await worked.rest();
      await worked.type(" i");
      await before.runtime.save(worked.uri);
      await before.dispose();
      text = worked.text;

      const loaded = await load();
      const file = new EditedFile(loaded, "src/reopened.js", text);
      file.cursor = worked.cursor;
      taken.push(await file.type("f", onPrompt));
      await loaded.dispose();
      text = file.text;
    }
    return taken;
  },

  /** Three files are open and read; each gets a letter in turn, where its cursor is. */
  async "switch-file"({ load, lines, samples, onPrompt }) {
    const loaded = await load();
    const random = seededRandom(lines);
    const open: EditedFile[] = [];
    for (let part = 0; part < files; part++) {
      const text = sourceText(lines, part + 1);
      const file = new EditedFile(loaded, `src/file${part}.js`, text);
      file.moveTo(Math.floor(random() * file.text.length));
      await file.rest();
      open.push(file);
    }
    const taken: Sample[] = [];
    for (let n = 0; n < samples + warmUp; n++) {
      const file = open[n % files]!;
      const sample = await file.type("i", n < warmUp ? undefined : onPrompt);
      if (n >= warmUp) taken.push(sample);
    }
    await loaded.dispose();
    return taken;
  },
};

const warmUp = 3;
