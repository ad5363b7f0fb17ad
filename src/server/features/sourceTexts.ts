import { URI } from "vscode-uri";
import type { Passage } from "../../completion/explain";
import type { SourcePlace, TokenSource } from "../../protocol";
import type { Runtime } from "../../runtime/runtime";
import { findPassage, type PassagePlace } from "../../text/findPassage";
import { nameChars } from "../../text/words";
import type { Session } from "../session";

/** Most UTF-16 units of a line that are shown. */
const mostShown = 200;

const nameChar = new RegExp(`[${nameChars}]`, "u");

/** Where a text was found: in what kind of source, and at which place if that is known. */
export interface Source {
  readonly source: TokenSource;
  readonly place?: SourcePlace;
}

/** The document of a suggestion, without the suggestion. */
export interface OwnText {
  /** The key of its copy indexes, which the cells of a notebook share. */
  readonly key: string;
  readonly uri: string;
  readonly before: string;
  readonly after: string;
  /** The line in which `after` begins. */
  readonly lineOfAfter: number;
}

/** Finds the line that a copied passage or a name is in. A file is read once, when it is first needed. */
export class SourceTexts {
  private readonly read = new Map<string, Promise<string | undefined>>();

  constructor(
    private readonly session: Pick<Session, "documents" | "project">,
    private readonly runtime: Pick<Runtime, "documentOf">,
    private readonly own: OwnText,
  ) {}

  /** The source of a copied passage; without a place if the passage is not found again. */
  async find({ index, before, after }: Passage): Promise<Source> {
    const key = this.runtime.documentOf(index);
    if (key === this.own.key) {
      const place =
        findPassage(this.own.before, before, after, "last") ??
        this.below(findPassage(this.own.after, before, after));
      return sourceOf("this file", this.own.uri, place);
    }
    const uri = key;
    const path =
      uri === undefined ? this.session.project.fileOf(index) : undefined;
    const text = await this.textOf(uri, path);
    const place =
      text === undefined ? undefined : findPassage(text, before, after);
    return this.elsewhere(uri, path, place);
  }

  /**
   * The source of a name. The name is looked for in this order: before the suggestion (its last occurrence),
   * after it, in other open documents, in a file.
   *
   * @param others URIs of other open documents
   * @param path of the nearest file that has it, if one is known
   */
  async findName(
    name: string,
    others: readonly string[],
    path: string | undefined,
  ): Promise<Source> {
    const { uri, before, after } = this.own;
    const own =
      findName(before, name, "last") ??
      this.below(findName(after, name, "first"));
    if (own !== undefined) return sourceOf("this file", uri, own);
    for (const other of others) {
      const text = await this.textOf(other, undefined);
      const place = findName(text ?? "", name, "first");
      if (place !== undefined) return this.elsewhere(other, undefined, place);
    }
    if (path === undefined) return { source: "network" };
    const text = await this.textOf(undefined, path);
    return this.elsewhere(undefined, path, findName(text ?? "", name, "first"));
  }

  /** A place in the text after the suggestion as a place in the document. */
  private below(place: PassagePlace | undefined): PassagePlace | undefined {
    return place && { ...place, line: place.line + this.own.lineOfAfter };
  }

  private elsewhere(
    uri: string | undefined,
    path: string | undefined,
    place: PassagePlace | undefined,
  ): Source {
    const isLibrary =
      path !== undefined && this.session.project.isLibrary(path);
    const file = uri ?? (path === undefined ? "" : URI.file(path).toString());
    return sourceOf(isLibrary ? "library" : "another file", file, place);
  }

  /** The text of an open document or of a file; undefined if there is none, or it must not be read. */
  private textOf(
    uri: string | undefined,
    path: string | undefined,
  ): Promise<string | undefined> {
    const { documents, project } = this.session;
    if (uri !== undefined)
      return Promise.resolve(documents.get(uri)?.document.getText());
    if (path === undefined) return Promise.resolve(undefined);
    let text = this.read.get(path);
    if (text === undefined) {
      text = project.readText(path);
      this.read.set(path, text);
    }
    return text;
  }
}

function sourceOf(
  source: TokenSource,
  uri: string,
  place: PassagePlace | undefined,
): Source {
  if (place === undefined || uri === "") return { source };
  const { line, character, text } = place;
  return {
    source,
    place: {
      uri,
      position: { line, character },
      text: text.trim().slice(0, mostShown),
    },
  };
}

/** The first or last occurrence of a name as a whole word. */
function findName(
  text: string,
  name: string,
  take: "first" | "last",
): PassagePlace | undefined {
  const isPart = (character: string | undefined) =>
    character !== undefined && nameChar.test(character);
  const next = (at: number) =>
    take === "first"
      ? text.indexOf(name, at + 1)
      : at === 0
        ? -1
        : text.lastIndexOf(name, at - 1);
  let at = take === "first" ? text.indexOf(name) : text.lastIndexOf(name);
  while (at >= 0) {
    if (!isPart(text[at - 1]) && !isPart(text[at + name.length])) {
      const before = text.slice(0, at).split(/\r\n?|\n/);
      const rest = /^[^\r\n]*/.exec(text.slice(at))![0];
      const head = before.at(-1)!;
      return {
        line: before.length - 1,
        character: head.length,
        text: head + rest,
      };
    }
    at = next(at);
  }
  return undefined;
}
