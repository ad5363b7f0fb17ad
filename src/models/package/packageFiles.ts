import { createHash } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  openSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, join } from "node:path";
import {
  buildGraph,
  type BuildOptions,
  type Generation,
} from "../../engine/build";
import type { Weights } from "../../engine/weights";
import {
  graphFile,
  manifestFile,
  weightsFile,
  type FileEntry,
  type Manifest,
} from "./manifest";
import { checksum } from "./modelPackage";

/** Writes the files of a package, and records their sizes and checksums for the manifest. */
export class PackageFiles {
  readonly entries: Record<string, FileEntry> = {};

  constructor(private readonly folder: string) {}

  /**
   * Writes `model.onnx` and `weights.bin`, with one tensor in memory at a time.
   *
   * @param onBytes called before each piece of the weights is written, with its number of bytes; may
   *   throw to stop
   * @throws Error if a tensor is missing or a file cannot be written
   */
  writeGraph(
    generation: Generation,
    weights: Weights,
    options: Omit<BuildOptions, "weightsFile" | "write">,
    onBytes: (bytes: number) => void = () => {},
  ): void {
    const hash = createHash("sha256");
    let length = 0;
    const descriptor = openSync(join(this.folder, weightsFile), "w");
    try {
      const graph = buildGraph(generation, weights, {
        ...options,
        weightsFile,
        write: (bytes) => {
          onBytes(bytes.length);
          for (let done = 0; done < bytes.length;)
            done += writeSync(descriptor, bytes, done);
          hash.update(bytes);
          length += bytes.length;
        },
      });
      this.write(graphFile, graph);
    } finally {
      closeSync(descriptor);
    }
    this.entries[weightsFile] = { bytes: length, sha256: hash.digest("hex") };
  }

  /** Writes a file that is in memory. */
  write(name: string, contents: string | Uint8Array): void {
    writeFileSync(join(this.folder, name), contents);
    this.entries[name] = {
      bytes: Buffer.byteLength(contents),
      sha256: createHash("sha256").update(contents).digest("hex"),
    };
  }

  /**
   * Copies a file into the package.
   *
   * @param source path of the file
   * @param name of the copy; the file's own name if it is not given
   */
  async copy(source: string, name = basename(source)): Promise<void> {
    const path = join(this.folder, name);
    copyFileSync(source, path);
    this.entries[name] = {
      bytes: statSync(path).size,
      sha256: await checksum(path),
    };
  }

  /** Writes the manifest. It lists the files written so far, so it is written last. */
  writeManifest(rest: Omit<Manifest, "format" | "files">): Manifest {
    const manifest: Manifest = { format: 2, ...rest, files: this.entries };
    writeFileSync(
      join(this.folder, manifestFile),
      `${JSON.stringify(manifest, null, 2)}\n`,
    );
    return manifest;
  }
}
