export const greetings = ["Hello", "Bonjour", "你好"];

export function longest(words: string[]): string {
  let best = "";
  for (const word of words) {
    if (word.length > best.length) best = word;
  }
  return best;
}

// Type below, for example: for (let i = 0; i < greetings.length; i
