import { neighbours, type SourceFile } from "./sourceFiles";

/** As many as the server copies from. */
const openFiles = 8;

/** What the product may know besides the file in which is typed. A row of the project's table each. */
export const contexts: Readonly<
  Record<
    string,
    (file: SourceFile, files: readonly SourceFile[]) => SourceFile[]
  >
> = {
  "file alone": () => [],
  "open files": (file, files) => neighbours(file, files, openFiles),
};
