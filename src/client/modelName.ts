import { basename, extname } from "node:path";

/** A name in which no system's file names and no setting of ours see anything special. */
export function cleanModelName(name: string): string {
  const clean = name
    .replace(/[<>:"/\\|?*\p{Cc}]/gu, "-")
    .replace(/^[. ]+|[. ]+$/g, "");
  if (clean === "") return "model";
  // The name of the model that is shipped.
  return clean === "bundled" ? "bundled-2" : clean;
}

/** What a checkpoint's model is called: as its file, without the ending. */
export function modelNameOf(file: string): string {
  return cleanModelName(basename(file, extname(file)));
}
