import type { State } from "../engine/model";
import {
  partsOf,
  readStateFile,
  stateFileBytes,
  stateFileHeader,
  writeStateFile,
  type SavedState,
} from "./stateFile";
import { SavedDocuments } from "./savedDocuments";
import { vectorReach } from "./tokenVectors";
import { StateFolder, type StateFolderOptions } from "./stateFolder";

export interface StateStoreOptions extends StateFolderOptions {
  /** sha256 of graph, weights and tokenizer, in hexadecimal digits: a state is valid for one model. */
  model: string;
  /** Gives the names and lengths of a state's tensors. */
  emptyState: State;
  /** Bytes of a token's vector; absent for a model that makes none. */
  vectorWidth?: number | undefined;
}

/**
 * Recurrent states on disk, each found by its position and the hash of the tokens before it.
 *
 * A file is used only if it is complete and of the same model and tokens; otherwise it is removed.
 * States of other models stay until the limit of bytes is reached.
 */
export class StateStore {
  private constructor(
    private readonly folder: StateFolder,
    private readonly documents: SavedDocuments,
    private readonly model: string,
    private readonly empty: State,
    private readonly vectorWidth: number,
  ) {}

  /**
   * Opens a store in a folder that need not exist. If it cannot be read, the store is empty.
   *
   * @throws RangeError unless `model` is a sha256
   */
  static async open(
    path: string,
    { model, emptyState, vectorWidth = 0, ...options }: StateStoreOptions,
  ): Promise<StateStore> {
    if (!/^[0-9a-f]{64}$/.test(model))
      throw new RangeError(`${model} is no sha256`);
    const folder = await StateFolder.open(path, options);
    const documents = new SavedDocuments(path);
    return new StateStore(folder, documents, model, emptyState, vectorWidth);
  }

  /** Bytes of all known files, those of other models included. */
  get bytes(): number {
    return this.folder.bytes;
  }

  /** Positions of this model's states, over all documents, in ascending order. */
  positions(): number[] {
    const positions = new Set<number>();
    for (const name of this.folder.names())
      if (name.startsWith(this.prefix))
        positions.add(parseInt(name.slice(this.prefix.length)));
    return [...positions].sort((a, b) => a - b);
  }

  /** Whether there is a file for the state after `position` tokens with this hash; reads nothing. */
  find(position: number, hash: number): boolean {
    return this.folder.has(this.nameOf(position, hash));
  }

  /**
   * The state after the first `position` of `tokens`.
   *
   * @returns undefined if there is none; `find` then says so, too
   * @throws RangeError if there are fewer tokens
   */
  async load(
    position: number,
    hash: number,
    tokens: readonly number[],
  ): Promise<SavedState | undefined> {
    if (!this.find(position, hash)) return undefined;
    requireTokens(position, tokens);
    const header = await stateFileHeader(this.model, position, tokens);
    return this.folder.read(this.nameOf(position, hash), (file) =>
      readStateFile(file, header, this.empty, this.vectorBytes(position)),
    );
  }

  /**
   * Stores the state after the first `position` of `tokens`; the least recently used states make room.
   *
   * @returns whether it is stored; the disk may be full or read-only
   * @throws RangeError if there are fewer tokens, or if tensors or vectors have other lengths
   */
  async save(
    position: number,
    hash: number,
    tokens: readonly number[],
    { state, vectors }: SavedState,
  ): Promise<boolean> {
    requireTokens(position, tokens);
    const tensors = partsOf(state, this.empty);
    const vectorBytes = this.vectorBytes(position);
    if (vectors.length !== vectorBytes)
      throw new RangeError(`there are not ${vectorBytes} bytes of vectors`);
    return this.folder.write(
      this.nameOf(position, hash),
      stateFileBytes(this.empty, vectorBytes),
      async (file) => {
        const header = await stateFileHeader(this.model, position, tokens);
        await writeStateFile(file, [header, ...tensors, vectors]);
      },
    );
  }

  /**
   * Stores a state as `save` does, and records its document, so that it can be deleted with others.
   *
   * @returns whether it is stored
   * @throws RangeError as `save` does
   */
  async saveOf(
    document: string,
    position: number,
    hash: number,
    tokens: readonly number[],
    saved: SavedState,
  ): Promise<boolean> {
    try {
      await this.documents.add(document, this.nameOf(position, hash));
    } catch {
      return false;
    }
    return this.save(position, hash, tokens, saved);
  }

  /**
   * Removes the states of all models.
   *
   * @throws Error if some cannot be removed
   */
  clear(): Promise<void> {
    return this.folder.clear();
  }

  private vectorBytes(position: number): number {
    return Math.min(position, vectorReach) * this.vectorWidth;
  }

  private get prefix(): string {
    return `${this.model.slice(0, 16)}-`;
  }

  private nameOf(position: number, hash: number): string {
    return `${this.prefix}${position}-${hash.toString(16)}.state`;
  }
}

function requireTokens(position: number, tokens: readonly number[]): void {
  if (tokens.length < position)
    throw new RangeError(`there are no ${position} tokens`);
}
