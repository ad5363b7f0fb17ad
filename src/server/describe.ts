/**
 * An error with its stack, for the log. Messages of JavaScript's own errors are left out: some quote a
 * value, which may be text of a document.
 */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  const { name, message, stack = message } = error;
  if (!/^(Type|Syntax|Range|Reference|URI)Error$/.test(name)) return stack;
  const frames = stack.split("\n").filter((line) => /^ {4}at /.test(line));
  return [name, ...frames].join("\n");
}
