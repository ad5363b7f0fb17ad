/** Milliseconds without an edit, a request or a move of the cursor before text is read ahead. */
export const idleDelayMs = 200;

/**
 * The same before a project is indexed: longer than between two keys, so that nothing is indexed while
 * the user types. Indexing takes the network's weights out of the processor's caches and fills the heap,
 * and the next key would be answered later.
 */
export const indexingDelayMs = 1000;
