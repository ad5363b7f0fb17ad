import type { StatusParams } from "../protocol";

/** The last status that the engine reported, or `waiting` while no engine is running or needed. */
export interface EngineStatus extends Omit<StatusParams, "state"> {
  state: StatusParams["state"] | "waiting";
}

export const waiting: EngineStatus = { state: "waiting", message: "" };
