import { seededRandom } from "../../../src/engine/sampling";

/**
 * Strings that tokenizers stumble over, and code, from a seed: the same ones for the reference, the
 * stored hashes and the suite. All are text in Unicode's normal form C without lone surrogates.
 */
export function hostileStrings(seed: number, count: number): string[] {
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  const one = <T>(items: readonly T[]) => items[below(items.length)]!;
  const repeat = (most: number, make: () => string) =>
    Array.from({ length: below(most + 1) }, make).join("");
  const makers: (() => string)[] = [
    () => repeat(60, () => String.fromCharCode(below(128))),
    () => repeat(40, () => one(fragments)),
    () => repeat(30, () => one(fragments) + one(gaps)),
    () => repeat(40, () => one(gaps)),
    () => one(fragments).repeat(below(80)),
    () => one(gaps).repeat(below(200)) + one(fragments),
    () => repeat(40, () => character(below(0x110000))),
    () => repeat(40, () => character(one(planes) + below(256))),
    () =>
      repeat(
        20,
        () => one(fragments) + character(one(planes) + below(256)) + one(gaps),
      ),
    () => repeat(80, () => one(["a", "b", "th", "e", "in", "'", "1", "0"])),
  ];
  return Array.from({ length: count }, () => one(makers)().normalize("NFC"));
}

/** A character, not half of a pair. */
function character(code: number): string {
  return String.fromCodePoint(
    code >= 0xd800 && code < 0xe000 ? code - 0x800 : code,
  );
}

/** Where scripts and oddities begin. */
const planes = [
  0x80, 0x300, 0x370, 0x400, 0x590, 0x600, 0x900, 0xe00, 0x1100, 0x1680, 0x2000,
  0x2100, 0x2460, 0x3000, 0x4e00, 0xac00, 0xe000, 0xf900, 0xfe00, 0xff00,
  0x10300, 0x1d400, 0x1f300, 0x20000, 0xe0100,
];

const gaps = [
  " ",
  "  ",
  "   ",
  "\n",
  "\n\n",
  "\t",
  "\t\t",
  "\r\n",
  "\r",
  "\n    ",
  " \n",
  "\u00a0",
  "\u3000",
  "\u2028",
  "\u0085",
  "\ufeff",
  "\v",
  "\f",
  "\0",
  "\u200b",
  "\n                         x",
];

const fragments = [
  "function",
  "return",
  "const",
  " x",
  "x_1",
  "self.",
  "__init__",
  "(",
  ")",
  "{}",
  "();",
  "=>",
  "==",
  "/*",
  "*/",
  "//",
  "#",
  "'s",
  "'t",
  "'re",
  "'ve",
  "'m",
  "'ll",
  "'d",
  "'S",
  "''",
  "'",
  '"',
  "`",
  "\\n",
  "\\",
  "<|endoftext|>",
  "<|padding|>",
  "<s>",
  "0",
  "12",
  "345",
  "1e-10",
  "0xff",
  "½",
  "Ⅷ",
  "٣",
  "naïve",
  "é",
  "ß",
  "İ",
  "ǆ",
  "中文",
  "日本語",
  "한국어",
  "русский",
  "עברית",
  "العربية",
  "हिन्दी",
  "ไทย",
  "😀",
  "👩‍👩‍👧",
  "🇩🇪",
  "\u0301",
  "\u200d",
  "\u00ad",
  "\ufffd",
  "�",
  "\x7f",
  "\x1b[0m",
  "----------------------------------------------------------------",
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];
