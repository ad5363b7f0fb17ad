import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generations, type Generation } from "../../src/engine/build";
import { architectureOf } from "../../src/models/formats/architecture";
import { openCheckpoint } from "../../src/models/formats/open";
import { largestDifference, runInChunks, withModel } from "../engine/harness";
import { generator, randomCheckpoint } from "../engine/randomCheckpoint";
import { writePth } from "../models/formats/writers/pth";

/**
 * Compares the engine with the official `rwkv` package on small random checkpoints of every
 * generation. Needs Python with torch and rwkv; the environment variable PYTHON names another one
 * than `python3`.
 *
 *     npm run conformance:reference
 */
const tolerance = 1e-4;
const length = 64;

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "rwkv-reference-"));
  try {
    const random = generator(1);
    const tokens = Array.from({ length }, () => Math.floor(random() * 256));
    writeFileSync(join(folder, "tokens.json"), JSON.stringify(tokens));
    for (const generation of generations) {
      // The package has the rank 32 of DeepEmbed built in.
      const sizes = generation === "7a" ? { rank: 32 } : {};
      const weights = randomCheckpoint(generation, 1, { width: 96, ...sizes });
      writePth(join(folder, `${generation}.pth`), weights);
    }
    official(
      folder,
      generations.filter((generation) => !generation.startsWith("7")),
    );
    official(folder, ["7"]);
    official(folder, ["7a"]);

    for (const generation of generations) {
      const differences = await compare(folder, generation, tokens);
      const figures = Object.entries(differences)
        .map(([name, difference]) => `${name} ${difference.toExponential(1)}`)
        .join(", ");
      const pass = Object.values(differences).every((d) => d <= tolerance);
      console.log(`${pass ? "pass" : "FAIL"}  RWKV-${generation}: ${figures}`);
      if (!pass) process.exitCode = 1;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Leaves the official logits in the folder. */
function official(folder: string, generations: readonly Generation[]): void {
  execFileSync(
    process.env.PYTHON ?? "python3",
    [join(__dirname, "reference.py"), folder, ...generations],
    // What the package tells about itself goes nowhere; what goes wrong is shown.
    {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, PYTHONWARNINGS: "ignore" },
    },
  );
}

/** Our logits after every token, token by token and as one sequence, beside the official ones. */
async function compare(
  folder: string,
  generation: Generation,
  tokens: readonly number[],
): Promise<{ serial: number; sequence: number }> {
  const checkpoint = openCheckpoint(join(folder, `${generation}.pth`));
  try {
    const found = architectureOf(checkpoint).generation;
    if (found !== generation)
      throw new Error(`RWKV-${generation} was taken for an RWKV-${found}`);
    return await withModel(generation, checkpoint, async (model) => {
      const difference = async (name: string, lengths: number[]) => {
        const { logits } = await runInChunks(model, tokens, lengths);
        const bytes = readFileSync(join(folder, `${generation}.${name}.bin`));
        const expected = Float32Array.from(
          { length: bytes.length / 4 },
          (_, i) => bytes.readFloatLE(4 * i),
        );
        return largestDifference(
          logits.flatMap((row) => [...row]),
          expected,
        );
      };
      return {
        serial: await difference(
          "serial",
          tokens.map(() => 1),
        ),
        sequence: await difference("sequence", [length]),
      };
    });
  } finally {
    checkpoint.close();
  }
}

main().catch((error: unknown) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
