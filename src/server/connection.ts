import {
  createConnection,
  ProposedFeatures,
  type Connection,
  type ConsoleFeature,
  type MessageReader,
  type MessageWriter,
} from "vscode-languageserver/node";

/** First words of the lines that the LSP library logs; a whole message may follow them. */
const libraryWords =
  /^(Received|Processing message queue|Notification|Response handler|Sending|Unhandled|Assertion)/;

/**
 * A console that cuts off the library's lines at the first colon: what follows may quote a document.
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
 * The connection to a client: over the given streams, else as the arguments of the command line say. What
 * it logs by itself does not quote messages.
 */
export function createServerConnection(
  ends?: readonly [MessageReader, MessageWriter],
): Connection {
  const features = { ...ProposedFeatures.all, console: plainConsole };
  return ends
    ? createConnection(features, ...ends)
    : createConnection(features);
}
