import { openSubject, type Subject } from "../../bench/eval/subject";
import { makeTinyModel, type TinyModel } from "./tinyModel";

/** A tiny model, opened as the evaluation opens one. */
export interface TinySubject {
  readonly tiny: TinyModel;
  readonly subject: Subject;
}

/** To be called in a suite: the result has its values while the tests of the suite run. */
export function tinySubject(): TinySubject {
  const opened = {} as { tiny: TinyModel; subject: Subject };
  before(async () => {
    opened.tiny = await makeTinyModel();
    opened.subject = await openSubject(opened.tiny.folder);
  });
  after(async () => {
    await opened.subject.network.dispose();
    opened.tiny.remove();
  });
  return opened;
}
