import { Contexts } from "./contexts";
import type { TextSource, Written } from "../../src/completion/textSource";
import { defaultServer, type CompletionServerState } from "../../src/protocol";
import { BackOff } from "../../src/remote/backOff";
import { CompletionServer } from "../../src/remote/completionServer";
import { percentile } from "../percentile";
import { sampledFiles, withTypists, type SampleOptions } from "./sample";
import { serverMemory } from "./serverMemory";
import { countShown, ShownCounts, type ShownFigures } from "./shownCounts";
import { openSubject, type Subject } from "./subject";
import { inEnglish } from "../../src/messages";

/** The figures of one of the two within a limit of time. */
export interface ServerRow {
  readonly name: string;
  /** Milliseconds; Infinity: none. */
  readonly limitMs: number;
  readonly figures: ShownFigures;
  /** Milliseconds of the answers for which a model was asked. */
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
  /** Bytes in memory of the process; null where they are not known. */
  readonly memoryBytes: number | null;
}

export interface ServerOptions {
  readonly packageFolder: string;
  readonly url: string;
  readonly key: string;
  readonly model: string;
  readonly lines: number;
  /** Milliseconds; Infinity: none. */
  readonly limitsMs: readonly number[];
}

/**
 * Types the same lines with suggestions of the local model and of a completion server, both by way
 * of the product's own completer, one after the other in one process.
 *
 * @throws Error if the server does not answer
 */
export async function evaluateServer(
  folders: readonly string[],
  options: ServerOptions,
): Promise<ServerRow[]> {
  const states: (CompletionServerState | undefined)[] = [];
  // Every place is asked for, however often the server was too late.
  const server = new CompletionServer(
    (state) => states.push(state),
    () => new BackOff(() => NaN),
  );
  const configure = (timeBudget: number) => {
    const { url, key, model } = options;
    server.configure({ ...defaultServer, url, key, model, timeBudget });
    return server.ready();
  };
  const subject = await openSubject(options.packageFolder, { isSteady: false });
  const rows: ServerRow[] = [];
  for (const limitMs of options.limitsMs) {
    if (!(await configure(limitMs))) {
      const told = states.at(-1)?.told;
      throw new Error(told === undefined ? "no server" : inEnglish(told));
    }
    const { name } = subject.description;
    const { model } = states.at(-1)!;
    const own = await type(subject, folders, options, limitMs, undefined);
    const memoryBytes = process.memoryUsage().rss;
    rows.push({ name, ...own, memoryBytes });
    const its = await type(subject, folders, options, limitMs, alone(server));
    rows.push({ name: model, ...its, memoryBytes: serverMemory(options.url) });
  }
  server.configure(defaultServer);
  return rows;
}

/** A server without the local model as a fallback: if it gives no text, nothing is suggested. */
function alone(server: TextSource): TextSource {
  const nothing: Written = {
    text: "",
    stop: "time budget",
    tokens: [],
    steps: 0,
    model: "",
    timings: { prefillTokens: 0, prefillMs: 0, decodeTokens: 0, decodeMs: 0 },
  };
  return {
    isOn: true,
    generate: async (prompt, options) =>
      (await server.generate(prompt, options)) ?? nothing,
  };
}

async function type(
  subject: Subject,
  folders: readonly string[],
  { packageFolder, lines }: ServerOptions,
  limitMs: number,
  server: TextSource | undefined,
): Promise<Pick<ServerRow, "limitMs" | "figures" | "medianMs" | "p95Ms">> {
  const sample: SampleOptions = {
    packageFolder,
    lines,
    unwritten: "block",
    isTimed: limitMs !== Infinity,
    isClosing: false,
    contexts: ["file alone"],
    settings: ["balanced"],
    timeBudget: limitMs,
    ...(server && { server }),
  };
  const counts = new ShownCounts();
  const ms: number[] = [];
  const contexts = new Contexts(subject);
  for (const task of sampledFiles(folders, sample))
    await withTypists(
      subject,
      contexts,
      sample,
      task,
      async (typist, lines) => {
        for (const line of lines) {
          const typed = await typist.type(line);
          counts.add(countShown(typed));
          for (const screen of typed.screens)
            if (screen.ms !== undefined) ms.push(screen.ms);
        }
      },
    );
  return {
    limitMs,
    figures: counts.figures,
    medianMs: percentile(ms, 0.5),
    p95Ms: percentile(ms, 0.95),
  };
}
