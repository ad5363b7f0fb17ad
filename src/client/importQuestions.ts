import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import {
  InputBoxValidationSeverity,
  l10n,
  window,
  type OpenDialogOptions,
  type QuickPickItem,
} from "vscode";
import type { ImportModelParams } from "../protocol";
import { cleanModelName, modelNameOf } from "./modelName";

/** Asks for the checkpoint to import: its path. Undefined if the user cancels, as for all questions here. */
export function chooseCheckpoint(): Promise<string | undefined> {
  return chooseFile({
    title: l10n.t("Choose an RWKV checkpoint"),
    openLabel: l10n.t("Import"),
    filters: {
      [l10n.t("RWKV checkpoints")]: ["pth", "safetensors", "gguf", "bin"],
    },
  });
}

/** Asks for the tokenizer's file, since the checkpoint at `source` comes without: its path. */
export async function chooseTokenizer(
  source: string,
): Promise<string | undefined> {
  const choose = l10n.t("Choose File…");
  const answer = await window.showWarningMessage(
    l10n.t(
      "No tokenizer was found for {0}. Choose the file that came with the model: rwkv_vocab_v20230424.txt for World models, else tokenizer.json.",
      basename(source),
    ),
    choose,
  );
  if (answer !== choose) return undefined;
  return chooseFile({
    title: l10n.t("Choose the model's tokenizer"),
    openLabel: l10n.t("Use"),
    filters: { [l10n.t("Tokenizers")]: ["txt", "json"] },
  });
}

async function chooseFile(
  options: OpenDialogOptions,
): Promise<string | undefined> {
  const [file] = (await window.showOpenDialog(options)) ?? [];
  if (file === undefined || file.scheme === "file") return file?.fsPath;
  void window.showErrorMessage(
    l10n.t("{0} is not on this machine's disk.", file.toString()),
  );
  return undefined;
}

interface Choice extends QuickPickItem {
  quantisation: ImportModelParams["quantisation"];
}

/** Asks how the weights are stored. */
export async function chooseQuantisation(): Promise<
  Choice["quantisation"] | undefined
> {
  const choices: Choice[] = [
    {
      quantisation: "int8",
      label: "int8",
      description: l10n.t("recommended"),
      detail: l10n.t(
        "8 bits a weight: little more than half of a 16-bit checkpoint, and suggestions hardly differ.",
      ),
    },
    {
      quantisation: "int4",
      label: "int4",
      detail: l10n.t(
        "4 bits a weight: smallest and fastest, with somewhat worse suggestions.",
      ),
    },
    {
      quantisation: "none",
      label: l10n.t("none"),
      detail: l10n.t(
        "32 bits a weight: exact, but twice a 16-bit checkpoint and slowest.",
      ),
    },
  ];
  const choice = await window.showQuickPick(choices, {
    title: l10n.t("Quantisation"),
    placeHolder: l10n.t("Choose the precision of the weights"),
  });
  return choice?.quantisation;
}

/**
 * The model's name: that of the checkpoint's file or, if a model has that name, the one that the user
 * chooses. `replaces` tells whether a model of the name exists.
 */
export async function chooseName(
  source: string,
  modelsPath: string,
): Promise<{ name: string; replaces: boolean } | undefined> {
  const isUsed = (name: string) => existsSync(join(modelsPath, name));
  const own = modelNameOf(source);
  if (!isUsed(own)) return { name: own, replaces: false };
  const name = await window.showInputBox({
    title: l10n.t("Name of the model"),
    value: own,
    prompt: l10n.t("Its folder in {0}", modelsPath),
    validateInput: (value) => {
      if (cleanModelName(value) !== value)
        return l10n.t("This cannot be a model's name.");
      if (!isUsed(value)) return undefined;
      return {
        message: l10n.t("There is a model of this name; it will be replaced."),
        severity: InputBoxValidationSeverity.Warning,
      };
    },
  });
  return name === undefined ? undefined : { name, replaces: isUsed(name) };
}
