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
import { describe } from "../describe";
import type { Session } from "../session";

/** Folders that are being written: a second import would write into the first one's files. */
const busy = new Set<string>();

/** Of a quantised import, the share that writing takes; measuring the loss takes the rest. */
const writingShare = 0.8;

/**
 * Answers `rwkv/importModel`. The work is done in a process of its own, so suggestions go on.
 *
 * @throws ResponseError whose message is one sentence that says what is in the way
 */
export async function importModel(
  session: Session,
  params: ImportModelParams,
  signal: AbortSignal,
): Promise<ImportModelResult> {
  const { connection } = session;
  const folder = targetOf(params);
  const { source, name, quantisation, tokenizer } = params;
  if (busy.has(folder))
    throw failure(`${folder} is being written by another import`);
  busy.add(folder);
  const progress = beginProgress(session, params);
  const began = performance.now();
  try {
    const report = await importInChild(source, folder, {
      quantisation,
      name,
      ...(tokenizer !== undefined && { tokenizer }),
      signal,
      onProgress: progress.report,
    });
    const loss = lossText(report);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    connection.console.info(
      `import: ${source} to ${folder} (${quantisation}) in ${seconds} s; ${loss}`,
    );
    // A model that was missing until now is tried again.
    session.models.forgetFailures();
    return { name, loss };
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
    throw asFailure(error);
  } finally {
    busy.delete(folder);
    progress.end();
  }
}

/** Where the package goes. What a client sends may be anything. */
function targetOf(params: ImportModelParams): string {
  const { source, modelsPath, name, quantisation, tokenizer } = params;
  const invalid = (message: string) =>
    new ResponseError(ErrorCodes.InvalidParams, message);
  if (typeof source !== "string" || !isAbsolute(source))
    throw invalid("the checkpoint has to be named by its full path");
  if (typeof modelsPath !== "string" || !isAbsolute(modelsPath))
    throw invalid(
      `the folder of models has to be named by its full path; "${modelsPath}" is none, so change rwkv.modelsPath`,
    );
  if (
    typeof name !== "string" ||
    !/^[^/\\:\0]+$/.test(name) ||
    ["bundled", ".", ".."].includes(name)
  )
    throw invalid(
      `"${name}" cannot be a model's name; choose the name of a new folder`,
    );
  if (!quantisations.includes(quantisation))
    throw invalid(
      `"${quantisation}" is no quantisation; choose one of ${quantisations.join(", ")}`,
    );
  if (tokenizer !== undefined && typeof tokenizer !== "string")
    throw invalid("the tokenizer has to be named by its path");
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
  const bytes = `${fileSize(done)} / ${fileSize(total)}`;
  return step === "writing"
    ? { message: bytes, percentage: percent(share * writingShare) }
    : {
        message: `comparing with full precision, ${bytes}`,
        // The comparison itself follows when its weights are written.
        percentage: percent(writingShare + (share * (1 - writingShare)) / 2),
      };
}

function percent(share: number): number {
  return Math.floor(100 * share);
}

function lossText({ loss }: ImportReport): string {
  if (typeof loss === "string") return loss;
  const same = (100 * loss.topAgreement).toFixed(1);
  const divergence = loss.klDivergence.toPrecision(2);
  return `against full precision, the same likeliest token at ${same} % of ${loss.positions} positions, KL divergence ${divergence} nats`;
}

/** The import says in words, from another process, that it lacks a tokenizer. */
const lacksTokenizer = /has no tokenizer of its own/;

function asFailure(
  error: unknown,
): ResponseError<ImportModelFailure | undefined> {
  const message = error instanceof Error ? error.message : String(error);
  if (!lacksTokenizer.test(message)) return failure(message);
  const hint = / or name the file with --tokenizer$/;
  return new ResponseError<ImportModelFailure>(
    LSPErrorCodes.RequestFailed,
    message.replace(hint, " or name the file"),
    { missing: "tokenizer" },
  );
}

function failure(message: string): ResponseError<undefined> {
  return new ResponseError(LSPErrorCodes.RequestFailed, message);
}
