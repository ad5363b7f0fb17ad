// Reads a checkpoint as the product does and prints the logits behind the last token.
//
//   npx tsx engine_logits.ts model.safetensors 1,2,3
import { architectureOf } from "../../src/models/formats/architecture";
import { openCheckpoint } from "../../src/models/formats/open";
import { runInChunks, withModel } from "../../test/engine/harness";

async function main([path, list]: string[]): Promise<void> {
  const checkpoint = openCheckpoint(path!);
  const tokens = list!.split(",").map(Number);
  const { generation } = architectureOf(checkpoint);
  await withModel(generation, checkpoint, async (model) => {
    const { logits } = await runInChunks(model, tokens, [tokens.length]);
    const values = Array.from(logits.at(-1)!);
    console.log(JSON.stringify({ generation, logits: values }));
  });
}

void main(process.argv.slice(2));
