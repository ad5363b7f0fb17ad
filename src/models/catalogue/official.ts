import { DownloadError } from "../../download/downloadError";
import type { Source } from "../../download/endpoint";
import { listFiles, type RemoteFile } from "../../download/repository";
import type { RequestOptions } from "../../download/request";
import type { RetryOptions } from "../../download/retry";
import {
  describeName,
  repositories,
  vocabularyName,
  vocabularyRepositories,
} from "./catalogue";

/** An official checkpoint that can be downloaded. */
export interface OfficialCheckpoint extends RemoteFile {
  /** What its model is called: the file's name without the ending. */
  readonly name: string;
  readonly series: string;
  /** As in its name: 0.1B. */
  readonly sizeName: string;
  /** Eight digits, year first. */
  readonly date: string;
  readonly license: string;
}

type Options = RequestOptions & RetryOptions;

/**
 * All official checkpoints that can be imported, newest first, as their authors advise.
 *
 * @throws DownloadError if no repository can be listed
 * @throws the signal's reason when it is aborted
 */
export async function officialCheckpoints(
  source: Source,
  options: Options,
): Promise<OfficialCheckpoint[]> {
  const lists = await Promise.allSettled(
    repositories.map(async (repository) =>
      (await listFiles(repository.name, source, options)).flatMap((file) => {
        const described = describeName(repository, file.path);
        if (described === undefined) return [];
        const name = file.path.replace(/\.pth$/i, "");
        const { license } = repository;
        return [{ ...file, ...described, name, license }];
      }),
    ),
  );
  options.signal.throwIfAborted();
  const [failed] = lists.filter(({ status }) => status === "rejected");
  const found = lists.flatMap((list) =>
    list.status === "fulfilled" ? list.value : [],
  );
  // A mirror need not have all repositories.
  if (found.length === 0 && failed?.status === "rejected")
    throw failed.reason as Error;
  return found.sort(
    (a, b) =>
      b.date.localeCompare(a.date) || a.sizeName.localeCompare(b.sizeName),
  );
}

/**
 * Those of a size, in the same order: of the series that is advised, where there are any. RWKV-7a and
 * World have the same sizes in their names.
 */
export function ofSize(
  all: readonly OfficialCheckpoint[],
  sizeName: string,
): OfficialCheckpoint[] {
  const found = all.filter((each) => each.sizeName === sizeName);
  const advised = found.filter(({ series }) => /^rwkv7-g/i.test(series));
  return advised.length > 0 ? advised : found;
}

/**
 * The World vocabulary: of the checkpoint's own repository, else of one that has it.
 *
 * @throws DownloadError if there is none
 */
export async function findVocabulary(
  repository: string,
  source: Source,
  options: Options,
): Promise<RemoteFile> {
  for (const each of [repository, ...vocabularyRepositories]) {
    try {
      const files = await listFiles(each, source, options);
      const found = files.find(({ path }) => path === vocabularyName);
      if (found !== undefined) return found;
    } catch (error) {
      // One that is gone or closed is not the only one.
      if (!(error instanceof DownloadError)) throw error;
    }
  }
  throw new DownloadError({
    code: "download vocabulary",
    args: [vocabularyName],
  });
}
