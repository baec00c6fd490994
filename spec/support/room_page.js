// SPDX-License-Identifier: MIT
// node room_page.js FOLDER SCENARIO...: plays scenarios with the control room's page alone, in a headless Chromium,
// against a server that does what a scenario says. FOLDER has the filled pages. Prints a JSON object: for each scenario
// "ok" or what was wrong.

const assert = require("assert");
const fs = require("fs");
const http = require("http");
const path = require("path");
const { chromium } = require("playwright-core");

const ROOT = path.join(__dirname, "../..");
const TYPES = { ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html" };
const PATIENCE = 30000;

// Serves the pages, and the events that a scenario sends.
class Server {
  constructor(folder) {
    this.folder = folder;
    this.posts = [];
    this.pages = new Set();
    this.answers = {};
    this.http = http.createServer((request, response) => this.answer(request, response));
  }

  async listen() {
    await new Promise((done) => this.http.listen(0, "127.0.0.1", done));
    this.url = `http://127.0.0.1:${this.http.address().port}`;
    return this;
  }

  file(response, name) {
    if (!fs.existsSync(name)) return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": TYPES[path.extname(name)] ?? "application/octet-stream" });
    response.end(fs.readFileSync(name));
  }

  answer(request, response) {
    const { pathname } = new URL(request.url, "http://x");
    if (request.method === "POST") return this.take(request, response, pathname);
    if (pathname === "/events") return this.stream(response);
    if (pathname.startsWith("/static/")) return this.file(response, path.join(ROOT, "examples/openresty", pathname));
    if (this.answers[pathname]) return response.writeHead(200).end(JSON.stringify(this.answers[pathname]));
    this.file(response, path.join(this.folder, `${pathname === "/" ? "room" : pathname.slice(1)}.html`));
  }

  take(request, response, pathname) {
    let body = "";
    request.on("data", (bytes) => { body += bytes; });
    request.on("end", () => {
      this.posts.push({ path: pathname, body: body && JSON.parse(body) });
      response.writeHead(200, { "Content-Type": "application/json" }).end('{"ok":true}');
    });
  }

  stream(response) {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(`event: now\ndata: ${Date.now() / 1000}\n\n`);
    this.pages.add(response);
    response.on("close", () => this.pages.delete(response));
    this.opened?.();
  }

  // Hands something on to every page that is open.
  send(name, value) {
    for (const response of this.pages) response.write(`event: ${name}\ndata: ${JSON.stringify(value)}\n\n`);
  }

  cut() {
    for (const response of this.pages) response.destroy();
  }

  close() {
    this.cut();
    this.http.close();
    this.http.closeAllConnections();
  }
}

// A page of its own: scenario({ page, server }).
async function play(browser, folder, scenario) {
  const server = await new Server(folder).listen();
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const wrong = [];
  page.setDefaultTimeout(PATIENCE);
  page.on("pageerror", (error) => wrong.push(error.message));
  try {
    await scenario({ page, server, folder });
    assert.deepEqual(wrong, []);
    return "ok";
  } catch (error) {
    return error.stack;
  } finally {
    await context.close();
    server.close();
  }
}

async function main() {
  const [folder, ...names] = process.argv.slice(2);
  const scenarios = require("./room_page_scenarios.js");
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
  const results = {};
  try {
    for (const name of names) results[name] = await play(browser, folder, scenarios[name]);
  } finally {
    await browser.close();
  }
  console.log(JSON.stringify(results));
}

main().catch((error) => {
  console.error(error.stack);
  process.exit(1);
});
