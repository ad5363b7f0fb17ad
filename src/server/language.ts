import chinese from "../../l10n/bundle.l10n.zh-cn.json";
import { english, type Translate } from "../messages";

const bundle: Readonly<Record<string, string>> = chinese;

/** Simplified Chinese as a tag of BCP 47 (`zh-CN`, `zh-Hans-SG`) or of POSIX (`zh_CN.UTF-8`). */
const simplifiedChinese = /^zh([-_](hans|cn|sg)|$|\.)/i;

/**
 * Words sentences for clients that do not word our codes themselves: in Simplified Chinese or in English.
 *
 * @param locale of the client, from `initialize`; if undefined, that of the environment's variables
 */
export function translationFor(
  locale: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): Translate {
  const { LC_ALL, LC_MESSAGES, LANG } = environment;
  const language = locale ?? (LC_ALL || LC_MESSAGES || LANG || "");
  if (!simplifiedChinese.test(language)) return english;
  return (text, ...values) => english(bundle[text] ?? text, ...values);
}
