// SPDX-License-Identifier: MIT
// node page.js SECONDS NAME=URL...: plays each URL in a headless Chromium by the control room's own picture.js, and
// reads the clock that is drawn in the pictures (bench/picture.lua). Prints one line of JSON for each reading:
// { name, at, shown, mark }: unix seconds, seconds of the picture's clock, which of two inputs it is.

const fs = require("fs");
const http = require("http");
const path = require("path");
const { chromium } = require("playwright-core");

const ROOT = path.join(__dirname, "../..");
const FOLDERS = { "/static/": "room/static", "/player/": "build/player" };
const TYPES = { ".js": "text/javascript", ".html": "text/html" };
const EVERY = 50; // ms
const [seconds, ...named] = process.argv.slice(2);
const urls = Object.fromEntries(named.map((text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)]));

const PAGE = `<!doctype html><title>pictures</title><script src="/player/hls.light.min.js"></script><script type="module">
import { Picture } from "/static/picture.js";
const BITS = 16, BLOCK = 16; // of the clock; pixels
window.readings = [];
for (const [name, url] of Object.entries(${JSON.stringify(urls)})) {
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  document.body.append(video);
  const canvas = Object.assign(document.createElement("canvas"), { width: (BITS + 1) * BLOCK, height: BLOCK });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  new Picture(video, url, () => {}).play(true);
  setInterval(() => {
    if (video.readyState < 2) return;
    context.drawImage(video, 0, 0);
    const { data } = context.getImageData(0, BLOCK / 2, canvas.width, 1);
    const lit = (i) => data[(i * BLOCK + BLOCK / 2) * 4] > 127;
    let shown = 0;
    for (let i = 0; i < BITS; i++) shown += lit(i) ? 2 ** i : 0;
    window.readings.push({ name, at: Date.now() / 1000, shown: shown / 50, mark: lit(BITS) });
  }, ${EVERY});
}
</script>`;

function answer(request, response) {
  const { pathname } = new URL(request.url, "http://x");
  const folder = Object.keys(FOLDERS).find((prefix) => pathname.startsWith(prefix));
  const file = folder && path.join(ROOT, FOLDERS[folder], path.basename(pathname));
  response.writeHead(200, { "Content-Type": TYPES[path.extname(file ?? "page.html")] });
  response.end(file ? fs.readFileSync(file) : PAGE);
}

async function main() {
  const server = http.createServer(answer);
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, timeout: 120000,
    args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    for (const over = Date.now() + seconds * 1000; Date.now() < over;) {
      await page.waitForTimeout(200);
      for (const reading of await page.evaluate(() => window.readings.splice(0))) console.log(JSON.stringify(reading));
    }
  } finally {
    await browser.close();
    server.close();
  }
}

main().catch((error) => {
  console.error(error.stack);
  process.exit(1);
});
