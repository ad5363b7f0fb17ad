/**
 * Answers tasks of the parent process one by one; `WorkerProcess` is the other end.
 *
 * @param open is given the process's arguments; returns the first message and what answers a task
 */
export function serveTasks<Task, Reply>(
  open: (args: readonly string[]) => Promise<{
    greeting: object;
    answer: (task: Task) => Promise<Reply>;
  }>,
): void {
  const serve = async () => {
    const { greeting, answer } = await open(process.argv.slice(2));
    process.on("message", (task: Task) => {
      answer(task).then((reply) => process.send!(reply), fail);
    });
    process.send!(greeting);
  };
  serve().catch(fail);
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
