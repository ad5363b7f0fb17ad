import {
  createContext,
  surroundingsAt,
  type CompletionContext,
  type CompletionRequest,
  type Surroundings,
} from "../../src/completion/context";
import { defaultSettings, type Settings } from "../../src/protocol";

/** Stands for the cursor in the texts of tests. */
export const cursor = "█";

/** A text without its cursor mark, and where that stood. */
export function atCursor(marked: string): { text: string; offset: number } {
  const offset = marked.indexOf(cursor);
  if (offset < 0) throw new Error(`no cursor in ${JSON.stringify(marked)}`);
  return {
    text: marked.slice(0, offset) + marked.slice(offset + cursor.length),
    offset,
  };
}

/** The surroundings of the cursor in a marked text. */
export function around(
  marked: string,
  languageId = "typescript",
): Surroundings {
  const { text, offset } = atCursor(marked);
  return surroundingsAt(languageId, text, offset);
}

/** The surroundings of the position between two texts. */
export function between(
  before: string,
  after: string,
  languageId = "typescript",
): Surroundings {
  return surroundingsAt(languageId, before + after, before.length);
}

type Given = Partial<Omit<CompletionRequest, "settings">> & {
  settings?: Partial<Settings>;
};

/** The context of an automatic request at the cursor of a marked text. */
export function contextAt(
  marked: string,
  { settings, ...given }: Given = {},
): CompletionContext {
  return createContext({
    uri: "file:///work/main.ts",
    path: "main.ts",
    refusedAccess: undefined,
    languageId: "typescript",
    trigger: "automatic",
    afterDeletion: false,
    environment: "",
    ...atCursor(marked),
    ...given,
    settings: { ...defaultSettings, timeBudget: 10_000, ...settings },
  });
}
