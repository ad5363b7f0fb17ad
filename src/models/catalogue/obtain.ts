import { rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DownloadError } from "../../download/downloadError";
import {
  downloadFile,
  type DownloadOptions,
} from "../../download/downloadFile";
import type { Source } from "../../download/endpoint";
import { bytesHere } from "../../download/partialFile";
import { freeBytes } from "../../files/diskSpace";
import { fileSize } from "../../text/bytes";
import { vocabularyName } from "./catalogue";
import { needs, type Quantisation } from "./estimate";
import { findVocabulary, type OfficialCheckpoint } from "./official";

/** Folder in the models folder where downloads lie until they are models, each in one of its own. */
const downloadsFolder = "downloads";

/** What an import takes. */
export interface Obtained {
  /** Paths of the checkpoint and of its tokenizer. */
  readonly checkpoint: string;
  readonly tokenizer: string;
}

/**
 * Downloads an official checkpoint and its vocabulary into the models folder, where the space for both
 * and for the model that will be made of them is asked for first.
 *
 * @throws DownloadError with one sentence that says what is in the way
 * @throws the signal's reason when it is aborted
 */
export async function obtainCheckpoint(
  checkpoint: OfficialCheckpoint,
  modelsPath: string,
  quantisation: Quantisation,
  source: Source,
  options: DownloadOptions,
): Promise<Obtained> {
  const folder = join(modelsPath, downloadsFolder, checkpoint.name);
  const path = join(folder, checkpoint.path);
  const here = Math.min(checkpoint.size, await bytesHere(path));
  const model = needs(checkpoint.size, checkpoint.sizeName, quantisation).bytes;
  await requireSpace(modelsPath, checkpoint.size - here + model);

  // Of a megabyte, and nothing works without it.
  const vocabulary = await findVocabulary(
    checkpoint.repository,
    source,
    options,
  );
  const tokenizer = join(folder, vocabularyName);
  const { onBytes: _, ...quietly } = options;
  await downloadFile(vocabulary, tokenizer, source, quietly);
  await downloadFile(checkpoint, path, source, options);
  return { checkpoint: path, tokenizer };
}

/** Removes what has become a model, and the folders that are empty then. */
export async function removeDownload({
  checkpoint,
  tokenizer,
}: Obtained): Promise<void> {
  await rm(checkpoint, { force: true });
  await rm(tokenizer, { force: true });
  const folder = dirname(checkpoint);
  await rmdir(folder)
    .then(() => rmdir(dirname(folder)))
    // Something else is in it.
    .catch(() => undefined);
}

async function requireSpace(folder: string, bytes: number): Promise<void> {
  const free = await freeBytes(folder);
  if (free < bytes)
    throw new DownloadError({
      code: "download space",
      args: [folder, fileSize(bytes), fileSize(free)],
    });
}
