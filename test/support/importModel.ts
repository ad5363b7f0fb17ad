import {
  importInto,
  type ImportOptions,
  type ImportReport,
} from "../../src/models/import/importModel";
import { writePackageFolder } from "../../src/models/package/packageFolder";

/** Like `importInChild`, but in this process: to start a child takes a second. */
export async function importModel(
  source: string,
  folder: string,
  options: ImportOptions,
): Promise<ImportReport> {
  options.signal.throwIfAborted();
  return writePackageFolder(folder, ({ path }) =>
    importInto(source, path, options),
  );
}
