/**
 * Milliseconds without an edit, a request or a move of the cursor before work in the background
 * (reading ahead, indexing) starts or goes on.
 */
export const idleDelayMs = 200;
