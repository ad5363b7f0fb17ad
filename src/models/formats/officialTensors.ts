import { message } from "../../messages";
import { quoted, type ByteFile } from "./byteFile";
import type { TensorView } from "./tensorView";

/** Collects the tensors of a file under their official names. */
export class OfficialTensors {
  readonly byName = new Map<string, TensorView>();

  constructor(private readonly file: ByteFile) {}

  /**
   * @param from the tensor's name in the file
   * @param to the official name
   * @throws ModelError if another tensor has the official name already
   */
  add(from: string, to: string, view: TensorView): void {
    if (this.byName.has(to))
      throw this.file.refusal(message("both are", quoted(from), to));
    this.byName.set(to, view);
  }
}
