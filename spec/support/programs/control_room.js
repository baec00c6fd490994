// SPDX-License-Identifier: MIT
// node control_room.js SCENARIO JSON: plays a scenario in the control room at ROOM_URL with a headless Chromium. Prints
// its result as JSON; what is not as it must be ends it with 1 and says why.

const assert = require("assert");
const { chromium } = require("playwright-core");

const { ROOM_URL, ROOM_PASSWORD, CHROMIUM } = process.env;
const PATIENCE = 120000; // ms

// What pages said that they never may: broken scripts, broken policy, secrets.
const wrong = [];

function listen(page) {
  page.setDefaultTimeout(PATIENCE);
  page.on("pageerror", (error) => wrong.push(`script: ${error.message}`));
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) wrong.push(message.text());
  });
  page.on("response", async (response) => {
    if (response.url().includes("/play/") || response.headers()["content-type"] === "text/event-stream") return;
    const text = await response.text().catch(() => "");
    if (/hush|sekret/.test(text)) wrong.push(`a secret in ${response.url()}`);
  });
  return page;
}

async function logIn(page, password = ROOM_PASSWORD) {
  await page.goto(ROOM_URL);
  await page.waitForURL("**/login*");
  await page.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
}

async function create(page, { name, main, backup, output, outputName = "first" }) {
  await page.locator("#link", { hasText: "Connected" }).waitFor(); // before that nobody may hear a key
  await page.getByRole("button", { name: "New broadcast" }).focus();
  await page.keyboard.press("Enter");
  const form = page.getByRole("dialog");
  await form.getByLabel("Name", { exact: true }).fill(name);
  await form.getByLabel("Main source").fill(main);
  await form.getByLabel("Backup source").fill(backup);
  await form.getByLabel("Destination name").fill(outputName);
  await form.getByLabel("Destination URL").fill(output);
  await form.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 2, name }).waitFor();
}

// Waits until a picture has gone on for a second, and has pixels.
const plays = (page, part) => page.waitForFunction((name) => {
  const video = document.querySelector(`figure[data-part=${name}] video`);
  if (!video || !video.videoWidth) return false;
  video.from ??= video.currentTime;
  return video.currentTime > video.from + 1;
}, part);

const status = (page, text) => page.locator("#status", { hasText: text }).waitFor();
const happened = (page, text) => page.locator("#events li", { hasText: text }).first().waitFor();

async function confirm(page, button, answer) {
  await page.getByRole("button", { name: button, exact: true }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: answer, exact: true }).click();
}

async function addOutput(page, name, url, tone = "good") {
  await page.locator("#add-output").getByLabel("Destination name").fill(name);
  await page.locator("#add-output").getByLabel("Destination URL").fill(url);
  await page.locator("#add-output").getByRole("button", { name: "Add" }).click();
  await page.locator("#outputs > li", { hasText: name }).locator(`.badge.${tone}`).waitFor();
}

// The same by server and key.
async function addByKey(page, name, url) {
  const [, server, key] = url.match(/^(.*)\/(.*)$/);
  const form = page.locator("#add-output");
  await form.getByLabel("Platform").selectOption({ label: "Other (server and key)" });
  await form.getByLabel("Destination name").fill(name);
  await form.getByLabel("Server").fill(server);
  await form.getByLabel("Stream key", { exact: true }).fill(key);
  await form.getByRole("button", { name: "Add" }).click();
  await page.locator("#outputs > li", { hasText: name }).locator(".badge.good").waitFor();
}

// A request by hand, with what a forger may or may not have.
async function send(path, headers, body = "{}") {
  const response = await fetch(ROOM_URL + path, { method: "POST", headers, body, redirect: "manual" });
  return response.status;
}

const scenarios = {
  async broadcast(context, given) {
    const page = listen(await context.newPage());
    await logIn(page);
    await create(page, { name: "gala", ...given });
    assert.match(await page.locator("#outputs code").textContent(), /^rtmp:.*\/\*\*\*$/);
    await status(page, "Off air");
    await page.getByRole("button", { name: "Start" }).click();
    await status(page, "On air");
    assert.match(await page.locator("#clock").textContent(), /^[12]:\d\d:\d\d$/);
    await Promise.all(["main", "backup", "output"].map((part) => plays(page, part)));
    await page.locator("#outputs > li", { hasText: "first" }).locator(".badge.good").waitFor();
    await page.getByRole("figure").filter({ hasText: "Backup" }).getByRole("button", { name: "Switch" }).click();
    await page.locator("figure.active[data-part=backup]").waitFor();
    await addByKey(page, "second", given.other);
    await page.getByRole("button", { name: "Take off air: second" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Take off air" }).click();
    const second = page.locator("#outputs > li", { hasText: "second" });
    await second.locator(".badge.off").waitFor();
    await page.getByRole("button", { name: "Put on air: second" }).click();
    await second.locator(".badge.good").waitFor();
    await page.getByRole("button", { name: "Edit: second" }).click();
    await page.getByRole("dialog").getByLabel("Destination name").fill("third");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.locator("#outputs > li", { hasText: "third" }).waitFor();
    const stop = await page.locator("#stop-at").inputValue();
    await page.getByRole("button", { name: "+30" }).click();
    await page.waitForFunction((before) => new Date(document.getElementById("stop-at").value) - new Date(before) === 1800000,
      stop);
    await happened(page, "The broadcast is on the air");
    await page.getByRole("button", { name: "Remove: first" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    await page.locator("#outputs > li", { hasText: "first" }).waitFor({ state: "detached" });
    await confirm(page, "Stop", "Cancel");
    await status(page, "On air");
    await confirm(page, "Stop", "Stop");
    await status(page, "Off air");
    await happened(page, "The broadcast has stopped");
    assert.doesNotMatch(await page.content(), /hush|sekret/);
    await confirm(page, "Delete", "Delete");
    await page.getByText("No broadcast yet").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL("**/login");
    return {};
  },

  // What docs/ shows: a broadcast with destinations that work and one that does not, nothing in front of it.
  async portrait(context, given) {
    const page = listen(await context.newPage());
    await logIn(page);
    await page.getByRole("heading", { level: 2, name: given.name }).waitFor();
    await page.getByRole("button", { name: "Start" }).click();
    await status(page, "On air");
    await addOutput(page, given.refusing.name, given.refusing.url, "bad");
    await Promise.all(["main", "backup", "output"].map((part) => plays(page, part)));
    await happened(page, "Destination interrupted");
    for (const name of given.watched)
      await page.locator("#outputs > li", { hasText: name }).getByText("Picture and sound are fine").waitFor();
    await page.locator("#notices p").first().waitFor({ state: "detached" });
    await page.evaluate(() => scrollTo(0, 0));
    await page.mouse.move(1, 1);
    await page.waitForFunction(() => [...document.querySelectorAll("video")].every((video) => video.readyState >= 3));
    await page.screenshot({ path: given.picture, fullPage: true });
    return {};
  },

  async refused(context) {
    const page = listen(await context.newPage());
    await logIn(page, "not the password");
    await page.getByRole("alert").getByText("Wrong password.").waitFor();
    await logIn(page);
    await page.waitForURL(`${ROOM_URL}/`);
    const [cookie] = await context.cookies();
    assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, "Strict"]);
    assert.equal(await page.evaluate(() => document.cookie), "");
    const headers = (await page.goto(ROOM_URL)).headers();
    assert.match(headers["content-security-policy"], /^default-src 'none'; script-src 'self'; /);
    assert.deepEqual([headers["x-frame-options"], headers["x-content-type-options"], headers["cache-control"]],
      ["DENY", "nosniff", "no-store"]);
    const token = await page.locator("meta[name=csrf-token]").getAttribute("content");
    const good = { Cookie: `${cookie.name}=${cookie.value}`, Origin: ROOM_URL, "X-CSRF-Token": token };
    const without = (name) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
    const body = JSON.stringify({ name: "forged", input: "rtmp://127.0.0.1/a/b", outputs: [] });
    return {
      cookie: await send("/projects", without("Cookie"), body),
      token: await send("/projects", without("X-CSRF-Token"), body),
      other_token: await send("/projects", { ...good, "X-CSRF-Token": token.replace(/./g, "0") }, body),
      origin: await send("/projects", without("Origin"), body),
      other_origin: await send("/projects", { ...good, Origin: "http://evil.example" }, body),
      other_host: await send("/projects", { ...good, Origin: "http://evil.example", Host: "evil.example" }, body),
      login: await send("/login", { Origin: "http://evil.example" }, `password=${ROOM_PASSWORD}`),
      logout: await send("/logout", without("X-CSRF-Token"), ""),
      picture: (await fetch(`${ROOM_URL}/play/cmepid_0/output/index.m3u8`)).status,
      events: (await fetch(`${ROOM_URL}/events`)).status,
      hook: await send("/hook", {}),
      good: await send("/projects", good, "nonsense"),
    };
  },

  // The events that a page gets.
  async events(context) {
    const page = listen(await context.newPage());
    await logIn(page);
    await page.waitForURL(`${ROOM_URL}/`);
    return page.evaluate(() => new Promise((done) => {
      new EventSource("/events").addEventListener("events", (event) => done(JSON.parse(event.data)));
    }));
  },

  // A service that is down, and one that is back.
  async trouble(context, { back }) {
    const page = listen(await context.newPage());
    await logIn(page);
    if (back) await page.getByText("No broadcast yet").waitFor();
    const alert = page.locator("#trouble");
    await alert.waitFor({ state: back ? "hidden" : "visible" });
    return { text: back ? "" : await alert.textContent(), link: await page.locator("#link").textContent() };
  },

  async cast(context, { name }) {
    const page = listen(await context.newPage());
    await logIn(page);
    await page.getByRole("heading", { level: 2, name }).waitFor();
    return { sources: await page.locator("#sources code").allTextContents() };
  },

  async expired(context) {
    const page = listen(await context.newPage());
    // What the server answers, not what the page shows: a slow one may be over before it is drawn.
    const [response] = await Promise.all([page.waitForResponse((one) => one.url() === `${ROOM_URL}/` && one.ok()),
      logIn(page)]);
    const [, token] = (await response.text()).match(/name="csrf-token" content="([^"]+)"/);
    const [cookie] = await context.cookies();
    await page.waitForURL("**/login?over=1");
    await page.getByRole("alert").getByText("Your session has ended.").waitFor();
    const headers = { Cookie: `${cookie.name}=${cookie.value}`, Origin: ROOM_URL, "X-CSRF-Token": token };
    const after = await send("/projects", headers);
    const tries = [];
    for (let i = 0; i < 9; i++) tries.push(await send("/login", { Origin: ROOM_URL }, "password=no"));
    return { after, tries, then: await send("/login", { Origin: ROOM_URL }, `password=${ROOM_PASSWORD}`) };
  },

  async phone(context) {
    const page = listen(await context.newPage());
    await page.setViewportSize({ width: 375, height: 700 });
    await page.goto(ROOM_URL);
    await page.getByLabel("密码").fill(ROOM_PASSWORD);
    await page.getByRole("button", { name: "登录" }).click();
    await page.getByRole("status").getByText("已连接").waitFor();
    await page.getByRole("button", { name: "新建直播" }).waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await page.getByRole("button", { name: "新建直播" }).click();
    await page.getByRole("dialog").getByLabel("平台").selectOption({ label: "快手" });
    await page.getByRole("dialog").getByText("推流码只写入，不再显示。").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "取消" }).click();
    await page.getByRole("link", { name: "English" }).click();
    await page.getByRole("button", { name: "New broadcast" }).waitFor();
    return { wide, title: await page.title() };
  },
};

async function main() {
  const [scenario, given] = [process.argv[2], JSON.parse(process.argv[3])];
  const browser = await chromium.launch({ executablePath: CHROMIUM, timeout: PATIENCE,
    args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"] });
  try {
    const context = await browser.newContext({ locale: scenario === "phone" ? "zh-CN" : "en-GB",
      viewport: { width: 1360, height: 900 } });
    const result = await scenarios[scenario](context, Array.isArray(given) ? {} : given);
    assert.deepEqual(wrong, []);
    console.log(JSON.stringify(result));
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error.stack);
  for (const each of wrong) console.error(each);
  process.exit(1);
});
