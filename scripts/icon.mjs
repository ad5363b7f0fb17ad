/** Draws media/icon.png from media/icon.svg: `node scripts/icon.mjs`. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { findChromium } from "./chromium.mjs";

const media = new URL("../media/", import.meta.url);
const svg = await readFile(new URL("icon.svg", media), "utf8");
const browser = await chromium.launch({
  executablePath: findChromium(),
  args: ["--no-sandbox"],
});
const page = await browser.newPage({ viewport: { width: 128, height: 128 } });
await page.setContent(`<style>body{margin:0}svg{display:block}</style>${svg}`);
await page.screenshot({
  path: fileURLToPath(new URL("icon.png", media)),
  omitBackground: true,
});
await browser.close();
