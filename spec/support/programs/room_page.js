// SPDX-License-Identifier: MIT
// node room_page.js FOLDER SCENARIO...: plays scenarios with the control room's page alone, in a headless Chromium,
// against a server that does what a scenario says. FOLDER has the filled pages. Prints a JSON object: for each scenario
// "ok" or what was wrong.

const assert = require("assert");
const fs = require("fs");
const http = require("http");
const path = require("path");
const { chromium } = require("playwright-core");

const ROOT = path.join(__dirname, "../../..");
const PLAYER = path.join(ROOT, "build/player"); // tools/player.sh
const TYPES = { ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html" };
const PATIENCE = 120000; // ms
const AT_ONCE = 3; // scenarios: most of them wait most of the time

const BEAT = 200; // ms; the room's is a second
const WIDE = 60; // s: judge.js's SILENT and STALE where a browser that waits for the processor must not pass them

// judge.js with wide limits.
function patient(source) {
  const wide = source.replace(/(const (?:SILENT|STALE) = )[\d.]+/g, `$1${WIDE}`);
  assert.notEqual(wide, source);
  return wide;
}

// Serves the pages, and the events that a scenario sends. `answers`: whether the service behind it does; `beats`: whether
// the room itself goes on; `strict`: the limits of silence are the room's own; `plays`: the folder of an HLS that all
// pictures show; null: there are none.
class Server {
  constructor(folder) {
    Object.assign(this, { folder, posts: [], renewals: 0, pages: new Set(), gets: {}, projects: [], events: [], trouble: null,
      answers: true, beats: true, strict: false, plays: null, looked: 0, session: { left: 43200, seconds: 43200 } });
    this.timer = setInterval(() => this.beat(), BEAT);
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
    const judge = path.basename(name) === "judge.js" && !this.strict;
    response.end(judge ? patient(fs.readFileSync(name, "utf8")) : fs.readFileSync(name));
  }

  answer(request, response) {
    const { pathname } = new URL(request.url, "http://x");
    if (request.method === "POST") return this.take(request, response, pathname);
    if (pathname === "/events") return this.stream(response);
    if (this.plays && pathname.startsWith("/player/")) return this.file(response, path.join(PLAYER, path.basename(pathname)));
    if (this.plays && pathname.startsWith("/play/")) return this.file(response, path.join(this.plays, path.basename(pathname)));
    if (pathname.startsWith("/static/")) return this.file(response, path.join(ROOT, "room", pathname));
    if (this.gets[pathname]) return response.writeHead(200).end(JSON.stringify(this.gets[pathname]));
    this.file(response, path.join(this.folder, `${pathname === "/" ? "room" : pathname.slice(1)}.html`));
  }

  take(request, response, pathname) {
    let body = "";
    request.on("data", (bytes) => { body += bytes; });
    request.on("end", () => {
      if (pathname === "/session") this.renewals += 1; // by the page itself, in its own time
      else this.posts.push({ path: pathname, body: body && JSON.parse(body) });
      response.writeHead(200, { "Content-Type": "application/json" }).end('{"ok":true}');
    });
  }

  stream(response) {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    this.pages.add(response);
    response.on("close", () => this.pages.delete(response));
    this.beat();
    this.show();
  }

  beat() {
    const now = Date.now() / 1000;
    if (this.answers) this.looked = now;
    if (!this.beats) return;
    this.send("beat", { now, looked: this.looked, expires: now + this.session.left, seconds: this.session.seconds });
  }

  // Hands on everything as it is.
  show() {
    for (const project of this.projects) this.send("project", project);
    this.send("order", this.projects.map((project) => project.id));
    this.send("trouble", this.trouble);
    this.send("events", this.events);
  }

  // Hands something on to every page that is open.
  send(name, value) {
    for (const response of this.pages) response.write(`event: ${name}\ndata: ${JSON.stringify(value)}\n\n`);
  }

  cut() {
    for (const response of this.pages) response.destroy();
  }

  close() {
    clearInterval(this.timer);
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
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, timeout: PATIENCE,
    args: ["--no-sandbox"] });
  const results = {};
  try {
    const left = [...names];
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (let name = left.shift(); name; name = left.shift()) {
        results[name] = await play(browser, folder, scenarios[name]);
      }
    }));
  } finally {
    await browser.close();
  }
  console.log(JSON.stringify(results));
}

main().catch((error) => {
  console.error(error.stack);
  process.exit(1);
});
