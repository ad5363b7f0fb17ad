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

/** A subfolder of the models folder. It has one folder for each checkpoint that is being obtained. */
const downloadsFolder = "downloads";

/** The downloaded files, for the import. */
export interface Obtained {
  /** Path of the checkpoint. */
  readonly checkpoint: string;
  /** Path of the World vocabulary. */
  readonly tokenizer: string;
}

/**
 * Downloads an official checkpoint and its vocabulary into the models folder. Before that it checks
 * that the disk has room for the rest of the checkpoint and for the model that will be made of it.
 *
 * @param quantisation of the model, which determines how much room it needs
 * @throws DownloadError with one sentence that names the cause
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

  // The vocabulary first: it has only one megabyte, and the checkpoint is of no use without it.
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

/** Removes the downloaded files, and then the folders that are empty. */
export async function removeDownload({
  checkpoint,
  tokenizer,
}: Obtained): Promise<void> {
  await rm(checkpoint, { force: true });
  await rm(tokenizer, { force: true });
  const folder = dirname(checkpoint);
  await rmdir(folder)
    .then(() => rmdir(dirname(folder)))
    // A folder that holds other files stays.
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
