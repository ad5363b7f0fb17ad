import type { RequestEvent } from "../protocol";

type Listener = (event: RequestEvent, error?: unknown) => void;

/**
 * The results of requests, as a stream of events. The log, the status and the statistics subscribe to
 * it. No event holds text of a document.
 */
export class RequestEvents {
  private readonly listeners: Listener[] = [];
  private lastId = 0;

  /** An id for a new request; its events and log lines share it. */
  nextId(): number {
    return ++this.lastId;
  }

  subscribe(listener: Listener): void {
    this.listeners.push(listener);
  }

  /** @param error the error of a failed request, for the log alone */
  publish(event: RequestEvent, error?: unknown): void {
    for (const listener of this.listeners) listener(event, error);
  }
}
