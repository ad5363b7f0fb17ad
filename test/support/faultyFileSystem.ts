import * as fs from "node:fs/promises";
import type { FolderFileSystem } from "../../src/state/stateFolder";

/** The name of a call, such as `open` or `file.read`, to the code of its error, if it is to fail. */
export type Fault = (call: string) => string | undefined;

/** The real file system, of which each call can be made to fail, those of open files included. */
export function faultyFileSystem(fault: Fault): FolderFileSystem {
  return withFaults<FolderFileSystem>({ ...fs }, "", fault);
}

function withFaults<T extends object>(
  target: T,
  prefix: string,
  fault: Fault,
): T {
  return new Proxy(target, {
    get(_, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...args: unknown[]): Promise<unknown> => {
        const call = prefix + String(name);
        const code = fault(call);
        const [data] = args;
        // A full disk takes the first part; a file that cannot be closed is closed all the same.
        if (code !== undefined && data instanceof Uint8Array)
          args[0] = data.subarray(0, data.length / 2);
        const isDone =
          code === undefined || name === "writeFile" || name === "close";
        const result: unknown = isDone
          ? await Reflect.apply(method, target, args)
          : undefined;
        if (code !== undefined)
          throw Object.assign(new Error(`${code}: ${call}`), { code });
        return name === "open"
          ? withFaults(result as fs.FileHandle, "file.", fault)
          : result;
      };
    },
  });
}
