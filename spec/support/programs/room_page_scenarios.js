// SPDX-License-Identifier: MIT
// What room_page.js plays: the page with what the room would tell it.

const assert = require("assert");
const path = require("path");

// Whether all of `inner` lies within `outer`, and the document within the window.
async function liesWithin(page, inner, outer) {
  const [a, b] = [await page.locator(inner).boundingBox(), await page.locator(outer).boundingBox()];
  assert.ok(a.x >= b.x && a.x + a.width <= b.x + b.width && a.y >= b.y && a.y + a.height <= b.y + b.height,
    `${inner} hangs out of ${outer}: ${JSON.stringify([a, b])}`);
  await isNarrow(page);
}

async function isNarrow(page) {
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page scrolls sideways");
}

const now = () => Date.now() / 1000;
const output = (name, state, more) => ({ id: name, name, url: "rtmp://live.example.com/***", enabled: true, state,
  bitrate: state === "live" ? 3100 : 0, dropped: 0, ...more });
const refused = { code: "publish.refused", message: "publish: NetStream.Publish.BadName", time: now() - 20 };

// A project on the air with these outputs.
const working = (id, outputs, more) => ({
  id, name: `Show ${id}`, owner: "me", category: "STREAM_CONNECT", status: "working", active: "main", told: true,
  started_at: now() - 600, stop_at: now() + 3600, updated_at: now() - 600, outputs,
  inputs: [{ key: "main", kind: "live_pull", url: "rtmp://source.example.com/***", state: "live", width: 1920, height: 1080,
    bitrate: 3000, frame_rate: 25 }], ...more,
});
// One whose input on the air does as `more` says.
function withInput(more, ...outputs) {
  const project = working("a", outputs);
  return { ...project, inputs: [{ ...project.inputs[0], ...more }] };
}
const idle = (id) => ({ id, name: `Show ${id}`, category: "STREAM_CONNECT", status: "idle", told: false, inputs: [],
  outputs: [] });

async function open(page, server, ...projects) {
  server.projects = projects;
  await page.goto(server.url);
  await page.locator("#link", { hasText: "Connected" }).waitFor();
}

const text = (page, selector) => page.locator(selector).innerText();
const colour = (page, selector) => page.locator(selector).first()
  .evaluate((node) => getComputedStyle(node).backgroundColor);
const icon = (page) => page.locator("link[rel=icon]").getAttribute("href").then(decodeURIComponent);
const bad = working("a", [output("Tube", "live"), output("Face", "refused", { failure: refused }), output("Bili", "backoff")]);

module.exports = {
  async login({ page, server }) {
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto(`${server.url}/login`);
      for (const part of ["h1", "#password", "button", "a"]) await liesWithin(page, `main ${part}`, "main");
      const { height } = await page.locator("main").boundingBox();
      assert.ok(height < 480, `the card is ${height} px high`);
    }
  },

  // Failing destinations are counted in the bar, which stays in view, in the list, the title and the icon.
  async trouble({ page, server }) {
    await open(page, server, working("b", [output("One", "live")]), bad);
    await page.locator("#summary.bad").waitFor();
    assert.match(await text(page, "#counts"), /2 destinations failing/);
    assert.match(await text(page, "#counts"), /2 on air/);
    assert.match(await text(page, "#culprits"), /Show a: Face, Bili/);
    assert.match(await text(page, "#projects li:nth-child(2)"), /2 failing/);
    assert.doesNotMatch(await text(page, "#projects li:nth-child(1)"), /failing/);
    assert.match(await page.title(), /^▲ 2 · /);
    assert.match(await icon(page), /<path.*>2<\/text>/);
    assert.notEqual(await colour(page, "#projects .badge.air"), await colour(page, "#projects .badge.bad"));
    await page.setViewportSize({ width: 1280, height: 500 });
    await page.evaluate(() => scrollTo(0, 5000));
    const { y } = await page.locator("#summary").boundingBox();
    assert.ok(y >= 0 && y < 200, `the bar is at ${y}`);
    await page.getByRole("button", { name: "Show a: Face, Bili" }).click();
    await page.getByRole("heading", { level: 2, name: "Show a" }).waitFor();
    server.projects[1] = working("a", [output("Tube", "live"), output("Face", "refused", { enabled: false })]);
    server.show();
    await page.locator("#summary:not(.bad)").waitFor();
    assert.match(await page.title(), /^● /);
    assert.match(await text(page, "#outputs li:nth-child(2)"), /Off air/);
  },

  // What failed and is tried again fails until it is live; what connects for the first time does not.
  async retrying({ page, server }) {
    const dead = { code: "network.connect", message: "open: connection refused", time: now() - 20 };
    await open(page, server, withInput({ state: "connecting", since: now(), failure: dead },
      output("Tube", "waiting"), output("Face", "connecting", { failure: refused, since: now() }),
      output("Bili", "connecting")));
    await page.locator("#summary.bad").waitFor();
    assert.match(await text(page, "#counts"), /1 destination failing/);
    assert.match(await text(page, "#counts"), /2 connecting/);
    assert.match(await text(page, "#culprits"), /Show a: Input on air is down, Face$/);
    assert.match(await page.title(), /^▲ 2 · /);
    assert.match(await text(page, "#outputs li:nth-child(2) .badge.bad"), /trying again/);
    assert.match(await text(page, "#pictures .bad .badge.bad"), /trying again/);
    assert.match(await text(page, "#outputs li:nth-child(3) .badge.warn"), /Connecting/);
    server.projects = [withInput({ failure: dead }, output("Face", "live", { failure: refused }))];
    server.show();
    await page.locator("#summary:not(.bad)").waitFor();
    assert.match(await text(page, "#counts"), /1 destinations live/);
    assert.match(await text(page, "#outputs .failure.past"), /^Works again \(.+\)$/);
  },

  // A relay may be green and its viewers see nothing: that is trouble, with the picture that raised it.
  async looks({ page, server }) {
    const seen = (more) => ({ state: "ok", good: true, since: now() - 30, delay: 4120, loudness: -21.4, ...more });
    const black = seen({ state: "black", good: false, alarm: "cd".repeat(16), loudness: undefined });
    const tiles = (look) => working("a", [output("Tube", "live", { look: seen() }), output("Face", "live", { look })],
      { uplink_full: true });
    await open(page, server, tiles(black));
    await page.locator("#summary.bad").waitFor();
    assert.match(await text(page, "#culprits"), /Show a: Face \(Black picture\)/);
    assert.match(await page.title(), /^▲ 1 · /);
    assert.match(await text(page, "#alarms li:nth-child(1)"), /Show a · Viewers of Face\s*Black picture\s*since/);
    assert.equal(await page.locator("#alarms img").first().getAttribute("src"), `/looks/${"cd".repeat(16)}.jpg`);
    assert.match(await text(page, "#alarms li:nth-child(2)"), /The uplink is full/);
    assert.match(await text(page, "#outputs li:nth-child(1) .look"), /Picture and sound are fine\s*4.1 s behind the source/);
    assert.match(await text(page, "#outputs li:nth-child(2) .look .badge.bad"), /Black picture/);
    assert.equal(await page.locator("#pictures .program meter").evaluate((meter) => meter.value), -21.4);
    assert.ok(await page.locator("#outputs li:nth-child(2) meter").isHidden());
    await page.setViewportSize({ width: 390, height: 844 });
    await isNarrow(page);
    server.projects = [{ ...tiles(seen({ state: "still" })), uplink_full: undefined }];
    server.show();
    await page.locator("#summary:not(.bad)").waitFor();
    assert.ok(await page.locator("#alarms-card").isHidden());
  },

  // A destination that is connected gets nothing while the input on the air is down.
  async dead_input({ page, server }) {
    await open(page, server, withInput({ state: "down" }, output("Tube", "live"), output("Face", "live")));
    await page.locator("#summary.bad").waitFor();
    assert.doesNotMatch(await text(page, "#counts"), /live|failing|connecting/);
    assert.match(await text(page, "#counts"), /2 without picture from the input/);
    assert.match(await text(page, "#outputs li:nth-child(1) .badge.warn"), /No picture from the input/);
    assert.match(await text(page, "#pictures .program .facts"), /^0 /);
    await page.setViewportSize({ width: 390, height: 844 });
    await isNarrow(page);
    server.projects = [withInput({}, output("Tube", "live"), output("Face", "live"))];
    server.show();
    await page.locator("#counts", { hasText: "2 destinations live" }).waitFor();
    assert.match(await text(page, "#outputs li:nth-child(1) .badge.good"), /Live/);
  },

  // On the slate destinations have a picture, and no input is on the air: not well, and said as what it is.
  async slate({ page, server }) {
    server.projects = [{ ...withInput({ state: "down" }, output("Tube", "live"), output("Face", "live")), on_slate: true }];
    await open(page, server, ...server.projects);
    await page.locator("#summary.bad").waitFor();
    assert.match(await text(page, "#counts"), /2 showing the slate/);
    assert.doesNotMatch(await text(page, "#counts"), /without picture/);
    assert.match(await text(page, "#culprits"), /On slate/);
    assert.match(await text(page, "#pictures .program .badge.warn"), /On slate/);
    assert.match(await text(page, "#pictures .program .facts"), /^2 /);
    assert.match(await text(page, "#outputs li:nth-child(1) .badge.warn"), /On slate/);
    server.projects = [{ ...withInput({}, output("Tube", "live"), output("Face", "live")), on_slate: true }];
    server.show(); // an input that delivers and has had no keyframe yet
    await page.locator("#pictures .badge.good", { hasText: "Live" }).waitFor();
    server.projects = [withInput({}, output("Tube", "live"), output("Face", "live"))];
    server.show();
    await page.locator("#summary:not(.bad)").waitFor();
  },

  // What this browser cannot play is named, and comes when the encoder sends what it can. The browser is one without
  // HEVC and AV1, whatever this one can do.
  async unplayable({ page, server, folder }) {
    await page.addInitScript(() => {
      const add = MediaSource.prototype.addSourceBuffer;
      MediaSource.prototype.addSourceBuffer = function (type) {
        if (/hvc1|hev1|av01/.test(type)) throw new DOMException("neither here", "NotSupportedError");
        return add.call(this, type);
      };
    });
    server.plays = path.join(folder, "av1");
    await open(page, server, working("a", [output("Tube", "live")]));
    await page.locator("#pictures .program .screen p", { hasText: "This browser cannot play AV1" }).waitFor();
    server.plays = path.join(folder, "hevc");
    await page.locator("#pictures .program .screen p", { hasText: "This browser cannot play HEVC" }).waitFor();
    server.plays = path.join(folder, "h264");
    await page.locator("#pictures .program .screen p").waitFor({ state: "hidden" });
  },

  // So is what a browser that plays HLS by itself, as phones do, fails to play; and it is asked for again until it is
  // there. This one plays nothing at all, which is as good, whatever this one can do.
  async unplayable_by_itself({ page, server, folder }) {
    await page.addInitScript(() => {
      delete window.MediaSource;
      delete window.ManagedMediaSource;
      delete window.WebKitMediaSource;
      Object.defineProperty(HTMLMediaElement.prototype, "src", {
        set() { setTimeout(() => this.dispatchEvent(new Event("error"))); },
      });
    });
    server.plays = path.join(folder, "nothing");
    await open(page, server, working("a", [output("Tube", "live")]));
    await page.locator("#pictures .program .screen p", { hasText: "Waiting" }).waitFor();
    server.plays = path.join(folder, "av1");
    await page.locator("#pictures .program .screen p", { hasText: "This browser cannot play AV1" }).waitFor();
  },

  // The same words and shapes for who does not see colours: no two tones look alike in black and white.
  async shapes({ page, server }) {
    await open(page, server, bad, idle("b"));
    const shape = (selector) => page.locator(selector).first()
      .evaluate((node) => getComputedStyle(node, "::before").content);
    const shapes = new Set([await shape(".badge.air"), await shape(".badge.bad"), await shape(".badge.good")]);
    assert.equal(shapes.size, 3);
  },

  // A service that does not answer is said in place of "Connected", and what is shown is marked as old. Within 3 s:
  // SILENT of judge.js.
  async frozen_service({ page, server }) {
    server.strict = true;
    await open(page, server, bad);
    server.answers = false;
    await page.locator("#link.bad", { hasText: "Service not answering" }).waitFor();
    await page.locator("body.stale").waitFor();
    await page.locator("#trouble-age", { hasText: /This data is \d+ s old/ }).waitFor();
    assert.match(await page.title(), /^\? /);
    assert.match(await page.locator("#outputs").evaluate((node) => getComputedStyle(node).opacity), /^0\.[34]/);
    server.answers = true;
    await page.locator("#link.good").waitFor();
    await page.locator("body:not(.stale)").waitFor();
    server.trouble = { code: "network.connect", message: "DescribeProjects: connection refused" };
    server.show();
    await page.locator("#link.bad", { hasText: "Service not answering" }).waitFor();
    assert.match(await text(page, "#trouble"), /connection refused/);
  },

  async frozen_room({ page, server }) {
    server.strict = true;
    await open(page, server, bad);
    server.beats = false;
    await page.locator("#link.bad", { hasText: "Control room not answering" }).waitFor();
    server.beats = true;
    await page.locator("#link.good").waitFor();
    server.cut();
    await page.locator("#link.bad", { hasText: "Control room not answering" }).waitFor();
    await page.locator("#link.good").waitFor(); // it connects again by itself
  },

  // One project that cannot be told about, among others that can.
  async stale_project({ page, server }) {
    await open(page, server, working("a", [output("One", "live")], { stale_since: now() - 90, problem: "no answer" }));
    await page.locator("#detail.stale").waitFor();
    assert.match(await text(page, "#stale"), /No data for \d+ s/);
    assert.match(await text(page, "#problem"), /no answer/);
  },

  // What is on the air comes first; a filter and a search.
  async list({ page, server }) {
    const names = async () => (await page.locator("#projects .name").allInnerTexts()).join(" ");
    const many = ["d", "e", "f", "g", "h"].map(idle);
    await open(page, server, idle("a"), working("b", [output("One", "live")]), ...many,
      { ...bad, id: "z", name: "Show z" });
    assert.match(await names(), /^Show b Show z Show a Show d/);
    assert.equal(await text(page, "#name"), "Show b");
    await page.getByRole("button", { name: "On air 2", exact: true }).click();
    assert.equal(await names(), "Show b Show z");
    await page.getByRole("button", { name: "Failing 1", exact: true }).click();
    assert.equal(await names(), "Show z");
    await page.getByRole("button", { name: "All 8", exact: true }).click();
    await page.getByRole("searchbox").fill("show G");
    assert.equal(await names(), "Show g");
    await page.getByRole("searchbox").fill("none");
    await page.getByText("No broadcast matches.").waitFor();
  },

  // On a phone the broadcast stands before the list, and nothing is wider than it.
  async phone({ page, server }) {
    await page.setViewportSize({ width: 390, height: 844 });
    await open(page, server, bad, idle("b"));
    const top = (selector) => page.locator(selector).boundingBox().then((box) => box.y);
    assert.ok(await top("#name") < await top("#projects"));
    await isNarrow(page);
    await page.getByRole("link", { name: "Broadcasts" }).click();
    await page.locator("#projects li", { hasText: "Show b" }).locator("button").click();
    await page.getByRole("heading", { level: 2, name: "Show b" }).waitFor();
    await isNarrow(page);
  },

  // Later by a button; a destination changed, taken off the air and put back.
  async steering({ page, server }) {
    await open(page, server, working("a", [output("Tube", "live"), output("Face", "stopped", { enabled: false })]));
    const done = async (count) => {
      while (server.posts.length < count) await page.waitForTimeout(20);
      return server.posts[count - 1];
    };
    await page.getByRole("button", { name: "+15" }).click();
    assert.deepEqual(await done(1), { path: "/projects/a/extend", body: { seconds: 900 } });
    await page.getByRole("button", { name: "Edit: Tube" }).click();
    await page.getByRole("dialog").getByLabel("Destination name").fill("Tube 2");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    assert.deepEqual(await done(2), { path: "/projects/a/set_output", body: { id: "Tube", name: "Tube 2", url: "" } });
    await page.getByRole("button", { name: "Take off air: Tube" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Take off air" }).click();
    assert.deepEqual(await done(3), { path: "/projects/a/disable_output", body: { id: "Tube" } });
    await page.getByRole("button", { name: "Put on air: Face" }).click();
    assert.deepEqual(await done(4), { path: "/projects/a/enable_output", body: { id: "Face" } });
    server.projects = [working("a", [], { stop_at: undefined })];
    server.show();
    await page.getByText("On air for").waitFor();
    assert.equal(await page.getByRole("button", { name: "+15" }).isVisible(), false);
  },

  // A destination by its platform: the fields that it needs, and a key that is not there any more.
  async platforms({ page, server }) {
    await open(page, server, working("a", [output("Tube", "live")]));
    const form = page.locator("#add-output");
    const add = () => form.getByRole("button", { name: "Add" }).click();
    const done = async (count) => {
      while (server.posts.length < count) await page.waitForTimeout(20);
      return server.posts[count - 1].body;
    };
    await form.getByLabel("Destination name").fill("Tube 2");
    await form.getByLabel("Platform").selectOption({ label: "YouTube" });
    assert.equal(await form.getByLabel("Destination URL").isVisible(), false);
    assert.match(await text(page, "#added-hint"), /Find it here: .* never shown again/);
    assert.equal(await form.getByLabel("Stream key", { exact: true }).getAttribute("type"), "password");
    await form.getByLabel("Stream key", { exact: true }).fill(" hush-key ");
    await add();
    assert.deepEqual(await done(1), { name: "Tube 2", platform: "youtube", server: "", key: "hush-key" });
    await form.getByLabel("Destination URL").waitFor(); // the form is as it was
    assert.equal(await form.locator("[name=output_key]").inputValue(), "");
    await form.getByLabel("Destination name").fill("Kick");
    await form.getByLabel("Platform").selectOption("kick");
    await form.getByLabel("Stream key", { exact: true }).fill("hush-key");
    await add();
    assert.equal(await form.getByLabel("Server").evaluate((node) => node.validity.valueMissing), true);
    await form.getByLabel("Server").fill("rtmps://h1.example.com");
    await add();
    assert.deepEqual(await done(2), { name: "Kick", platform: "kick", server: "rtmps://h1.example.com", key: "hush-key" });
    await page.getByRole("button", { name: "Edit: Tube" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Platform").selectOption({ label: "Other (server and key)" });
    await dialog.getByLabel("Server").fill("rtmp://h/live");
    await dialog.getByLabel("Stream key", { exact: true }).fill("hush-key");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("#edited-key").inputValue(), "");
    await page.setViewportSize({ width: 390, height: 844 });
    await isNarrow(page);
    assert.equal(server.posts.length, 2);
  },

  // What a platform does not take is said at its destination, and is no failure of it.
  async unsuitable({ page, server }) {
    const unsuitable = { en: "YouTube: a keyframe every 8 s (limit: 4 s)", zh: "" };
    await open(page, server, working("a", [output("Tube", "live", { unsuitable }), output("Face", "live")]));
    assert.equal(await text(page, "#outputs li:nth-child(1) .unsuitable"), unsuitable.en);
    assert.equal(await page.locator("#outputs li:nth-child(2) .unsuitable").isVisible(), false);
    assert.match(await text(page, "#counts"), /2 destinations live/);
    server.projects = [working("a", [output("Tube", "live"), output("Face", "live")])];
    server.show();
    await page.locator("#outputs li:nth-child(1) .unsuitable").waitFor({ state: "hidden" });
  },

  // The history of the service and what the stream tells, as one list.
  async history({ page, server }) {
    server.gets["/projects/a/history"] = { offered: true, events: [{ status: "started", time: now() - 60 },
      { status: "created", time: now() - 90 }] };
    server.events = [{ project: "a", status: "output_interrupted", output: "Face", time: now() - 30 },
      { project: "a", status: "started", time: now() - 60 }, { project: "b", status: "stopped", time: now() }];
    await open(page, server, bad);
    await page.locator("#events li:nth-child(3)").waitFor();
    const lines = (await page.locator("#events li span").allInnerTexts()).map((line) => line.trim());
    assert.deepEqual(lines, ["Destination interrupted · Face", "The broadcast is on the air", "The broadcast was created"]);
  },

  // The session's end is told before it comes, and put off by who is there.
  async session({ page, server }) {
    server.session = { left: 200, seconds: 1000 };
    await open(page, server, bad);
    await page.locator("#session", { hasText: "You will be signed out in 0:03:" }).waitFor();
    await page.getByRole("button", { name: "Stay signed in" }).click();
    while (server.renewals === 0) await page.waitForTimeout(20);
    server.session.left = 900;
    await page.locator("#session").waitFor({ state: "hidden" });
  },
};
