import type { Needs } from "../models/catalogue/estimate";
import { tokensPerSecond } from "../models/catalogue/estimate";
import type { OfficialSize } from "../models/catalogue/catalogue";
import type { ListedModel } from "../protocol";
import { worded, type Translate } from "../messages";

/** Bytes as megabytes (1e6 bytes) or gigabytes (1e9), as repositories show them: "9.5 MB". */
export function formatSize(bytes: number, locale: string): string {
  const isLarge = bytes >= 1e9;
  const [unit, size] = isLarge ? ["GB", 1e9] : ["MB", 1e6];
  const maximumFractionDigits = isLarge || bytes < 10e6 ? 1 : 0;
  const number = (bytes / size).toLocaleString(locale, {
    maximumFractionDigits,
  });
  return `${number} ${unit}`;
}

/** Describes a model in one line, for the list that the user chooses from. */
export class ModelText {
  /** @param bandwidth of this machine's memory, bytes a second */
  constructor(
    private readonly t: Translate,
    private readonly locale: string,
    private readonly bandwidth: number,
  ) {}

  /** @param measured tokens a second, from an earlier run of this model on this machine */
  installed(model: ListedModel, measured: number | undefined): string {
    const { t } = this;
    if (model.problem !== undefined) return worded(model.problem, t);
    const speed = model.tokensPerSecond ?? measured;
    // What users compare comes first, since the editor cuts off the end of a long line.
    return [
      t("{0} of memory", formatSize(model.bytes, this.locale)),
      speed === undefined
        ? this.estimatedSpeed(model.bytesPerToken)
        : t("{0} tokens/s, measured", this.count(speed)),
      model.license,
      t("{0} M parameters", this.count(model.parameters / 1e6)),
      model.quantisation,
      `RWKV-${model.generation}`,
    ].join(" · ");
  }

  available(
    { bytes }: Pick<OfficialSize, "bytes">,
    license: string,
    to: Needs,
  ): string {
    const { t } = this;
    return [
      t("{0} to download", formatSize(bytes, this.locale)),
      t("{0} of memory", formatSize(to.bytes, this.locale)),
      this.estimatedSpeed(to.bytesPerToken),
      license,
    ].join(" · ");
  }

  /** How far a download is. */
  progress(
    done: number,
    total: number,
    rate: { bytesPerSecond: number; secondsLeft: number } | undefined,
  ): string {
    const { t, locale } = this;
    const of = t(
      "{0} of {1}",
      formatSize(done, locale),
      formatSize(total, locale),
    );
    if (rate === undefined) return of;
    const speed = t("{0} a second", formatSize(rate.bytesPerSecond, locale));
    return `${of}, ${speed}, ${this.timeLeft(rate.secondsLeft)}`;
  }

  private timeLeft(seconds: number): string {
    const { t } = this;
    if (seconds < 90) return t("{0} s left", this.count(seconds));
    const minutes = seconds / 60;
    return minutes < 90
      ? t("{0} min left", this.count(minutes))
      : t("{0} h left", this.count(minutes / 60));
  }

  private estimatedSpeed(bytesPerToken: number): string {
    const speed = tokensPerSecond(this.bandwidth, bytesPerToken);
    return this.t(
      "about {0} tokens/s, estimated",
      speed.toLocaleString(this.locale, { maximumSignificantDigits: 2 }),
    );
  }

  private count(value: number): string {
    const maximumFractionDigits = value < 10 ? 1 : 0;
    return value.toLocaleString(this.locale, { maximumFractionDigits });
  }
}
