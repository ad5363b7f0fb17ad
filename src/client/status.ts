import type { StatusParams } from "../protocol";

/** What the client knows of the engine: the engine's own word, or `waiting` before it is needed. */
export interface EngineStatus extends Omit<StatusParams, "state"> {
  state: StatusParams["state"] | "waiting";
}

export const waiting: EngineStatus = { state: "waiting", message: "" };
