/** Softmax of `logits`, as a new array that sums to 1. */
export function softmax(logits: Float32Array): Float32Array {
  let max = -Infinity;
  // An indexed loop: `for … of` takes a sixth longer, for every token.
  for (let i = 0; i < logits.length; i++)
    if (logits[i]! > max) max = logits[i]!;
  const probabilities = new Float32Array(logits.length);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    const weight = Math.exp(logits[i]! - max);
    probabilities[i] = weight;
    sum += weight;
  }
  const share = 1 / sum;
  for (let i = 0; i < logits.length; i++) probabilities[i]! *= share;
  return probabilities;
}

/** Chooses a token by its probability, [V]; −1 if all are 0. */
export type Sampler = (probabilities: Float32Array) => number;

/** The most probable token, the lowest id of equals; −1 if all are 0. */
export const greedy: Sampler = (probabilities) => {
  let best = -1;
  let most = 0;
  for (let token = 0; token < probabilities.length; token++) {
    const probability = probabilities[token]!;
    if (probability > most) {
      most = probability;
      best = token;
    }
  }
  return best;
};

/**
 * Pseudorandom numbers in [0, 1) by mulberry32: 32 bits of state suffice to choose tokens, and all
 * platforms compute the same numbers for a seed.
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
}

export interface SamplingOptions {
  /** 0 is greedy; 1 the model's own distribution. */
  temperature: number;
  /** Nucleus sampling: only the most probable tokens that together reach this probability are drawn. */
  topP: number;
  random: () => number;
}

/** A token drawn from the distribution, which need not sum to 1; −1 if all are 0. */
export function sample(
  probabilities: Float32Array,
  { temperature, topP, random }: SamplingOptions,
): number {
  if (temperature <= 0) return greedy(probabilities);

  let total = 0;
  const candidates: number[] = [];
  for (let token = 0; token < probabilities.length; token++) {
    if (probabilities[token] === 0) continue;
    candidates.push(token);
    total += probabilities[token]!;
  }
  // Ties are broken by id, so that the order never depends on the sort.
  candidates.sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);

  let reached = 0;
  let kept = 0;
  while (kept < candidates.length && (kept === 0 || reached < topP * total)) {
    reached += probabilities[candidates[kept++]!]!;
  }
  // Relative to the largest, so that not all values underflow at a low temperature.
  const greatest = probabilities[candidates[0] ?? 0]!;
  const weights = candidates
    .slice(0, kept)
    .map((token) =>
      Math.pow(probabilities[token]! / greatest, 1 / temperature),
    );
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < kept; i++) {
    left -= weights[i]!;
    if (left < 0) return candidates[i]!;
  }
  return candidates[0] ?? -1;
}

/** A sampler for some settings; the same seed draws the same tokens. */
export function samplerFor(settings: {
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
}): Sampler {
  const { temperature, topP, seed } = settings;
  if (temperature === 0) return greedy;
  const random = seededRandom(seed);
  return (probabilities) =>
    sample(probabilities, { temperature, topP, random });
}
