import {
  createConnection,
  ProposedFeatures,
  type Connection,
  type ConsoleFeature,
  type MessageReader,
  type MessageWriter,
} from "vscode-languageserver/node";

/** First clauses of what the protocol's library logs; a whole message may follow. */
const libraryWords =
  /^(Received|Processing message queue|Notification|Response handler|Sending|Unhandled|Assertion)/;

/**
 * A console that logs only the first clause of the library's sentences: the rest may quote a
 * document.
 */
const plainConsole: ConsoleFeature<object> = (Base) =>
  class extends Base {
    override error(message: string): void {
      super.error(
        libraryWords.test(message) ? /^[^:\n]*/.exec(message)![0] : message,
      );
    }
  };

/**
 * The connection to a client: over the given streams, or as the command line says. Nothing that it
 * logs by itself quotes a message.
 */
export function createServerConnection(
  ends?: readonly [MessageReader, MessageWriter],
): Connection {
  const features = { ...ProposedFeatures.all, console: plainConsole };
  return ends
    ? createConnection(features, ...ends)
    : createConnection(features);
}
