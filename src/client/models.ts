import {
  commands,
  env,
  l10n,
  QuickPickItemKind,
  Uri,
  window,
  workspace,
  type LogOutputChannel,
  type QuickPickItem,
} from "vscode";
import { measureBandwidth } from "../models/catalogue/bandwidth";
import {
  offeredSizes,
  officialSizes,
  repositories,
} from "../models/catalogue/catalogue";
import { needs } from "../models/catalogue/estimate";
import type { ListedModel } from "../protocol";
import type { DownloadModel } from "./downloadModel";
import { showFailure } from "./failure";
import type { ModelSpeeds } from "./modelSpeeds";
import { ModelText } from "./modelText";
import { modelHere, stopUsing, usePlaces } from "./modelUse";
import type { Supervisor } from "./supervisor";

interface Item extends QuickPickItem {
  run?: () => unknown;
}

/** The command *Models…*: what is bundled, installed and available, and what can be done with it. */
export class Models {
  /** Bandwidth of the memory, bytes a second. Measuring it at first use takes some hundredths of a second. */
  private bandwidth: Promise<number> | undefined;

  constructor(
    private readonly engine: Pick<Supervisor, "ready">,
    private readonly download: Pick<DownloadModel, "run">,
    private readonly speeds: ModelSpeeds,
    private readonly log: LogOutputChannel,
    private readonly measure: () => Promise<number> = measureBandwidth,
  ) {}

  async run(): Promise<void> {
    try {
      const client = await this.engine.ready();
      const models = await client.models();
      await this.speeds.record(models);
      this.bandwidth ??= this.measure();
      const text = new ModelText(l10n.t, env.language, await this.bandwidth);
      await pick(l10n.t("RWKV models"), l10n.t("Choose a model"), [
        separator(l10n.t("On this machine")),
        ...models.map((model) => this.installedItem(model, text)),
        separator(l10n.t("To download")),
        ...this.availableItems(text),
        separator(l10n.t("From a file")),
        {
          label: l10n.t("Import Model…"),
          detail: l10n.t("A checkpoint that is on this machine."),
          run: () => commands.executeCommand("rwkv.importModel"),
        },
      ]);
    } catch (error) {
      showFailure(this.log, "models", error, (reason) =>
        l10n.t("RWKV could not do this: {0}.", reason),
      );
    }
  }

  private installedItem(model: ListedModel, text: ModelText): Item {
    const isHere = modelHere() === model.name;
    const where =
      model.name === "bundled" ? l10n.t("bundled") : l10n.t("installed");
    return {
      label: model.name === "bundled" ? model.title : model.name,
      description: isHere ? l10n.t("{0}, in use here", where) : where,
      detail: text.installed(model, this.speeds.of(model.name)),
      run: () => this.act(model),
    };
  }

  /** One item for each size of the catalogue, which is part of the extension: no request is sent. */
  private availableItems(text: ModelText): Item[] {
    if (!workspace.isTrusted)
      return [
        {
          label: l10n.t("Trust this workspace to download models…"),
          run: () => commands.executeCommand("workbench.trust.manage"),
        },
      ];
    const { license } = repositories[0]!;
    const sizes = offeredSizes.map((sizeName): Item => {
      const size = officialSizes.find((each) => each.sizeName === sizeName)!;
      return {
        label: `RWKV-7 G1 ${sizeName}`,
        description: l10n.t("download…"),
        detail: text.available(
          size,
          license,
          needs(size.bytes, sizeName, "int8"),
        ),
        run: () => this.download.run(text, sizeName),
      };
    });
    return [
      ...sizes,
      {
        label: l10n.t("All official checkpoints…"),
        detail: l10n.t("Lists what their repositories have today."),
        run: () => this.download.run(text),
      },
    ];
  }

  private act(model: ListedModel): Promise<void> {
    const { name, folder, problem } = model;
    const uses = problem === undefined ? usePlaces() : [];
    const own: Item[] = [
      {
        label: l10n.t("Show Its Folder"),
        run: () => commands.executeCommand("revealFileInOS", Uri.file(folder)),
      },
      { label: l10n.t("Delete…"), run: () => this.remove(name) },
    ];
    return pick(model.title, l10n.t("Choose what to do"), [
      ...uses.map((place) => ({
        label: place.label,
        run: () => place.use(name),
      })),
      ...(name === "bundled" ? [] : own),
    ]);
  }

  private async remove(name: string): Promise<void> {
    const remove = l10n.t("Delete");
    const answer = await window.showWarningMessage(
      l10n.t("Delete the model {0}?", name),
      {
        modal: true,
        detail: l10n.t(
          "Its files are removed from the disk. Where your settings name it, they fall back to their defaults.",
        ),
      },
      remove,
    );
    if (answer !== remove) return;
    await stopUsing(name);
    await (await this.engine.ready()).removeModel(name);
    void window.showInformationMessage(l10n.t("{0} is deleted.", name));
  }
}

function separator(label: string): Item {
  return { label, kind: QuickPickItemKind.Separator };
}

async function pick(
  title: string,
  placeHolder: string,
  items: readonly Item[],
): Promise<void> {
  const options = { title, placeHolder, matchOnDetail: true };
  const choice = await window.showQuickPick(items, options);
  await choice?.run?.();
}
