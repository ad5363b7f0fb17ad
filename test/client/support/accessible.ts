import assert from "node:assert/strict";

/** Fails where a page of ours has something that a screen reader cannot name, or that moves. */
export function assertAccessible(page: string): void {
  assert.match(page, /<html lang="[^"]+"/);
  const stops = [
    ...page.matchAll(/<(?:table|svg|\w+ tabindex="0")[^>]*>/g),
  ].map(([tag]) => tag);
  for (const tag of stops) {
    const label = /aria-label="([^"]+)"/.exec(tag)?.[1];
    const id = /aria-labelledby="([^"]+)"/.exec(tag)?.[1];
    assert.ok(label ?? (id && page.includes(` id="${id}">`)), tag);
  }
  const buttons = [...page.matchAll(/<button[^>]*>([^<]*)<\/button>/g)];
  for (const [button, text] of buttons) assert.notEqual(text, "", button);
  assert.ok(buttons.length > 0 && stops.length > 1, "parts are recognised");
  assert.equal(page.match(/<h1[ >]/g)?.length, 1);
  assert.doesNotMatch(page, /@keyframes|animation|transition|<marquee|<blink/);
}
