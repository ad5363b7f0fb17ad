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
  /** The name of its model: the file's name without `.pth`. */
  readonly name: string;
  readonly series: string;
  /** As in the file's name, but in upper case: 0.1B. */
  readonly sizeName: string;
  /** Eight digits, year first. */
  readonly date: string;
  readonly license: string;
}

type Options = RequestOptions & RetryOptions;

/**
 * Lists all official checkpoints that can be imported. The newest comes first, since the authors
 * recommend it.
 *
 * @throws DownloadError if a repository cannot be listed and the others have no checkpoints
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
  // A mirror may lack some of the repositories, so an error counts only if nothing was found.
  if (found.length === 0 && failed?.status === "rejected")
    throw failed.reason as Error;
  return found.sort(
    (a, b) =>
      b.date.localeCompare(a.date) || a.sizeName.localeCompare(b.sizeName),
  );
}

/**
 * The checkpoints of one size, in the order of `all`. If the recommended series (RWKV-7 G1) has this
 * size, only its checkpoints are returned: RWKV-7a and World use the same names of sizes.
 *
 * @param sizeName in upper case: 0.1B
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
 * Finds the World vocabulary in the checkpoint's repository or in one of `vocabularyRepositories`.
 *
 * @param repository `OWNER/NAME` of the checkpoint's repository
 * @throws DownloadError if none of them has it
 * @throws the signal's reason when it is aborted
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
      // The repository is gone or not public; the next one may have the file.
      if (!(error instanceof DownloadError)) throw error;
    }
  }
  throw new DownloadError({
    code: "download vocabulary",
    args: [vocabularyName],
  });
}
