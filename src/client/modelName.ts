import { basename, dirname, extname } from "node:path";

/** A name without characters that are special in file names or in the settings. */
export function cleanModelName(name: string): string {
  const clean = name
    .replace(/[<>:"/\\|?*\p{Cc}]/gu, "-")
    .replace(/^[. ]+|[. ]+$/g, "");
  if (clean === "") return "model";
  // "bundled" is the name of the model that is shipped.
  return clean === "bundled" ? "bundled-2" : clean;
}

/**
 * The name of a checkpoint's model: that of the file, without its ending and the number of its part. If
 * many models have a file of that name, it is the name of the folder.
 */
export function modelNameOf(file: string): string {
  const name = basename(file, extname(file))
    .replace(/\.(safetensors|bin)\.index$/, "")
    .replace(/-\d{5}-of-\d{5}$/, "");
  const folder = basename(dirname(file));
  const isCommon = /^(model|pytorch_model|checkpoint)$/.test(name);
  return cleanModelName(isCommon && folder !== "" ? folder : name);
}
