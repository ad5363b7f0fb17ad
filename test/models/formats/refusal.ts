import { equal, match, throws } from "node:assert/strict";
import { architectureOf } from "../../../src/models/formats/architecture";
import { openCheckpoint } from "../../../src/models/formats/open";
import { ModelError } from "../../../src/models/modelError";
import { assertTold } from "../../support/toldInChinese";

/** Opens a checkpoint, finds its architecture and reads every tensor. */
export function readAll(path: string): void {
  const opened = openCheckpoint(path);
  try {
    architectureOf(opened);
    for (const name of opened.names()) opened.float32(name);
  } finally {
    opened.close();
  }
}

/** Reading `path` must end in a ModelError that names the file and the cause, in both languages. */
export function refused(
  path: string,
  cause: RegExp,
  read: (path: string) => void = readAll,
): void {
  throws(
    () => read(path),
    (error: Error) => {
      equal(error instanceof ModelError, true, String(error.stack));
      assertTold(error);
      match(error.message, cause);
      equal(error.message.includes(path), true, error.message);
      return true;
    },
  );
}
