/** The calls to the operating system by which the power source is found; tests replace them. */
export interface Computer {
  readonly platform: NodeJS.Platform;
  list(folder: string): Promise<string[]>;
  read(file: string): Promise<string>;
  /** What a program prints. */
  run(program: string, ...args: readonly string[]): Promise<string>;
  /** Milliseconds of a monotonic clock. */
  now(): number;
}
