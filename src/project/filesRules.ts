import { IgnoreRules } from "./filesIgnore";

interface Parsed {
  readonly above: IgnoreRules;
  readonly text: string;
  readonly rules: IgnoreRules;
}

/**
 * What the texts of ignore files were parsed to, kept from one look to the next. Files are read each time:
 * only their parsing is saved, which takes far longer. So nothing here can be out of date.
 */
export class ParsedRules {
  private readonly none = new Map<boolean, IgnoreRules>();
  private readonly files = new Map<string, Parsed>();

  /** No patterns. @param ignoreCase whether the disk takes `A` and `a` for the same name */
  empty(ignoreCase: boolean): IgnoreRules {
    const none = this.none.get(ignoreCase) ?? IgnoreRules.none(ignoreCase);
    this.none.set(ignoreCase, none);
    return none;
  }

  /**
   * The rules above and those of one more file.
   *
   * @param file the file's path, or another name for where the text is from
   * @param folder where its patterns hold, as in `IgnoreRules.with`
   */
  with(
    above: IgnoreRules,
    file: string,
    text: string,
    folder: string,
  ): IgnoreRules {
    return this.kept(file, above, text, () => above.with(text, folder));
  }

  /** The rules without those that ignore a folder, as `IgnoreRules.entering` has it. @param path the folder's */
  entering(above: IgnoreRules, path: string, folder: string): IgnoreRules {
    return this.kept(path, above, "", () => above.entering(folder));
  }

  private kept(
    path: string,
    above: IgnoreRules,
    text: string,
    make: () => IgnoreRules,
  ): IgnoreRules {
    const known = this.files.get(path);
    if (known?.above === above && known.text === text) return known.rules;
    const rules = make();
    this.files.set(path, { above, text, rules });
    return rules;
  }
}
