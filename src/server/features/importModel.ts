import { isAbsolute, join } from "node:path";
import {
  ErrorCodes,
  LSPErrorCodes,
  ResponseError,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from "vscode-languageserver/node";
import type {
  ImportProgress,
  ImportReport,
} from "../../models/import/importModel";
import { importInChild } from "../../models/import/importProcess";
import { quantisations } from "../../models/package/manifest";
import { ModelError } from "../../models/modelError";
import type {
  ImportModelFailure,
  ImportModelParams,
  ImportModelResult,
} from "../../protocol";
import { fileSize } from "../../text/bytes";
import { inEnglish, type Message } from "../../messages";
import { describe } from "../describe";
import type { Session } from "../session";

/** Folders that are being written: a second import would write into the first one's files. */
const busy = new Set<string>();

/** Of a quantised import, the share that writing takes; measuring the loss takes the rest. */
const writingShare = 0.8;

/**
 * Answers `rwkv/importModel`. A child process does the work, so that suggestions go on.
 *
 * @throws ResponseError whose message is one sentence that says why the model cannot be imported
 */
export async function importModel(
  session: Session,
  params: ImportModelParams,
  signal: AbortSignal,
): Promise<ImportModelResult> {
  const { connection } = session;
  const folder = targetOf(params);
  const { source, name, quantisation, tokenizer, license } = params;
  if (busy.has(folder))
    throw failure(new ModelError({ code: "import busy", args: [folder] }));
  busy.add(folder);
  const progress = beginProgress(session, params);
  const began = performance.now();
  try {
    const report = await importInChild(source, folder, {
      quantisation,
      name,
      ...(tokenizer !== undefined && { tokenizer }),
      ...(license !== undefined && { license }),
      signal,
      onProgress: progress.report,
    });
    const told = lossOf(report);
    const loss = inEnglish(told);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    connection.console.info(
      `import: ${source} to ${folder} (${quantisation}) in ${seconds} s; ${loss}`,
    );
    // A model that was missing until now is tried again.
    session.models.forgetFailures();
    return { name, loss, told };
  } catch (error) {
    if (signal.aborted) {
      connection.console.info(`import: ${source}, cancelled`);
      throw new ResponseError(
        LSPErrorCodes.RequestCancelled,
        "the import was cancelled",
      );
    }
    connection.console.error(
      `import: ${error instanceof ModelError ? error.message : describe(error)}`,
    );
    throw failure(error);
  } finally {
    busy.delete(folder);
    progress.end();
  }
}

/** The folder of the new package. @throws ResponseError if a parameter is malformed */
function targetOf(params: ImportModelParams): string {
  const { source, modelsPath, name, quantisation, tokenizer, license } = params;
  if (typeof source !== "string" || !isAbsolute(source))
    throw invalid({ code: "import source", args: [] });
  if (typeof modelsPath !== "string" || !isAbsolute(modelsPath))
    throw invalid({ code: "import folder", args: [String(modelsPath)] });
  if (
    typeof name !== "string" ||
    !/^[^/\\:\0]+$/.test(name) ||
    ["bundled", ".", ".."].includes(name)
  )
    throw invalid({ code: "import name", args: [String(name)] });
  if (!quantisations.includes(quantisation))
    throw invalid({
      code: "import quantisation",
      args: [String(quantisation), quantisations.join(", ")],
    });
  if (tokenizer !== undefined && typeof tokenizer !== "string")
    throw invalid({ code: "import tokenizer", args: [] });
  if (license !== undefined && typeof license !== "string")
    throw invalid({ code: "import licence", args: [] });
  return join(modelsPath, name);
}

function beginProgress(
  { connection }: Session,
  { workDoneToken, name }: ImportModelParams,
): { report: (progress: ImportProgress) => void; end: () => void } {
  const send = (
    value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd,
  ) => {
    if (workDoneToken !== undefined)
      void connection.sendProgress(WorkDoneProgress.type, workDoneToken, value);
  };
  send({
    kind: "begin",
    title: `Importing ${name}`,
    cancellable: true,
    percentage: 0,
  });
  return {
    report: (progress) => send({ kind: "report", ...asReport(progress) }),
    end: () => send({ kind: "end" }),
  };
}

function asReport({ step, done, total }: ImportProgress) {
  const share = total > 0 ? done / total : 0;
  const told: Message = {
    code: step === "writing" ? "import progress" : "import comparing",
    args: [fileSize(done), fileSize(total)],
  };
  const message = inEnglish(told);
  return step === "writing"
    ? { message, told, percentage: percent(share * writingShare) }
    : {
        message,
        told,
        // Half of the share: after these weights are written, the networks are run without progress.
        percentage: percent(writingShare + (share * (1 - writingShare)) / 2),
      };
}

function percent(share: number): number {
  return Math.floor(100 * share);
}

/** The quantisation loss as a message, or the reason why it was not measured. */
function lossOf({ loss }: ImportReport): Message {
  if ("code" in loss) return loss;
  return {
    code: "quantisation loss",
    args: [
      (100 * loss.topAgreement).toFixed(1),
      loss.positions,
      loss.klDivergence.toPrecision(2),
    ],
  };
}

function failure(error: unknown): ResponseError<ImportModelFailure> {
  const message = error instanceof Error ? error.message : String(error);
  const told = error instanceof ModelError ? error.told : undefined;
  // The advice for the command line is of no use in an editor.
  const hint = / or name the file with --tokenizer$/;
  return new ResponseError<ImportModelFailure>(
    LSPErrorCodes.RequestFailed,
    message.replace(hint, " or name the file"),
    {
      ...(told && { told }),
      ...(told?.code.startsWith("no tokenizer") && { missing: "tokenizer" }),
    },
  );
}

function invalid(told: Message): ResponseError<ImportModelFailure> {
  return new ResponseError(ErrorCodes.InvalidParams, inEnglish(told), { told });
}
