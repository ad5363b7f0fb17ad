import {
  createConnection,
  ProposedFeatures,
  type Connection,
  type ConsoleFeature,
  type MessageReader,
  type MessageWriter,
} from "vscode-languageserver/node";

/** Beginnings of what the protocol's library logs; some of it goes on with a whole message. */
const libraryWords =
  /^(Received|Processing message queue|Notification|Response handler|Sending|Unhandled|Assertion)/;

/** A console that logs of the library's sentences the first clause alone: a message may hold a document. */
const plainConsole: ConsoleFeature<object> = (Base) =>
  class extends Base {
    override error(message: string): void {
      super.error(
        libraryWords.test(message) ? /^[^:\n]*/.exec(message)![0] : message,
      );
    }
  };

/**
 * The connection to a client: over the given ends, or as the command line says. Nothing that it logs
 * by itself quotes a message.
 */
export function createServerConnection(
  ends?: readonly [MessageReader, MessageWriter],
): Connection {
  const features = { ...ProposedFeatures.all, console: plainConsole };
  return ends
    ? createConnection(features, ...ends)
    : createConnection(features);
}
