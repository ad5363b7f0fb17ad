/** What the computer is asked; tests answer in its place. */
export interface Computer {
  readonly platform: NodeJS.Platform;
  list(folder: string): Promise<string[]>;
  read(file: string): Promise<string>;
  /** What a program prints. */
  run(program: string, ...args: readonly string[]): Promise<string>;
  /** Milliseconds since some start. */
  now(): number;
}
