import { inEnglish } from "../messages";
import type { ImportReport } from "../models/import/importModel";
import { fileSize } from "../text/bytes";

/** Two lines: the package that an import has written to `folder`, and its quantisation loss. */
export function importSummary(
  { manifest, loss }: ImportReport,
  folder: string,
): string {
  const bytes = Object.values(manifest.files).reduce(
    (sum, file) => sum + file.bytes,
    0,
  );
  const what = `${folder}: RWKV-${manifest.generation}, ${(manifest.parameters / 1e6).toFixed(1)} M parameters, ${manifest.quantisation}, ${manifest.tokenizer.kind} tokenizer, ${fileSize(bytes)}`;
  const cost =
    "code" in loss
      ? inEnglish(loss)
      : `against FP32 over ${loss.positions} positions: KL divergence ${loss.klDivergence.toExponential(2)} nats, same most probable token at ${(100 * loss.topAgreement).toFixed(1)} %`;
  return `${what}\n${cost}`;
}
