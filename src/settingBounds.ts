/** The values that a number among the settings may have. */
export interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
  readonly isInteger: boolean;
}

const real = (minimum: number, maximum: number): Bounds => ({
  minimum,
  maximum,
  isInteger: false,
});
const integer = (minimum: number, maximum: number): Bounds => ({
  minimum,
  maximum,
  isInteger: true,
});

/**
 * The bounds of every number among the settings, by its key after `rwkv.`. The server holds to them
 * whatever a client sends; the schema in package.json is tested against this table.
 */
export const settingBounds = {
  temperature: real(0, 2),
  topP: real(0.01, 1),
  seed: integer(0, 0xffffffff),
  maxTokens: integer(1, 512),
  maxLines: integer(1, 100),
  timeBudget: integer(20, 10_000),
  "generate.maxTokens": integer(1, 8192),
  "generate.temperature": real(0, 2),
  "generate.topP": real(0.01, 1),
  "server.timeBudget": integer(50, 60_000),
  threads: integer(0, 64),
  memoryBudget: integer(16, 65_536),
  projectMemory: integer(8, 4096),
  unloadAfter: integer(0, 1440),
} as const satisfies Record<string, Bounds>;

/** A number within its bounds: the nearest to `value`, or `otherwise` where that is no number. */
export function withinBounds<T = number>(
  key: keyof typeof settingBounds,
  value: unknown,
  otherwise: T,
): number | T {
  if (typeof value !== "number" || Number.isNaN(value)) return otherwise;
  const { minimum, maximum, isInteger } = settingBounds[key];
  const bounded = Math.min(maximum, Math.max(minimum, value));
  return isInteger ? Math.round(bounded) : bounded;
}
