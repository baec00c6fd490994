// SPDX-License-Identifier: MIT
// Plays picture.js with a player that behaves as hls.js does: what it was doing goes on after its listeners have heard of
// an error, and a destroyed player has no parts any more. Prints "good".

import assert from "node:assert";
import { readFileSync } from "node:fs";

const players = [];

class Player {
  static Events = { ERROR: "error" };
  static ErrorDetails = { BUFFER_ADD_CODEC_ERROR: "bufferAddCodecError" };
  static isSupported() { return true; }
  constructor() {
    this.hls = this;
    this.listeners = [];
    players.push(this);
  }
  on(_, listener) { this.listeners.push(listener); }
  loadSource() {}
  attachMedia() {}
  trigger(event, data) { for (const listener of this.listeners) listener(event, data); }
  // Two errors of one piece of media, one after the other.
  fail() {
    this.hls.trigger("error", { fatal: true, details: "fragLoadError" });
    this.hls.trigger("error", { fatal: true, details: "fragLoadError" });
  }
  destroy() { this.hls = null; }
}

const video = { addEventListener() {}, removeAttribute() {}, load() {}, play: () => Promise.resolve() };
globalThis.window = { Hls: Player };
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };

const source = readFileSync("room/static/picture.js", "utf8");
const { Picture } = await import("data:text/javascript," + encodeURIComponent(source));

async function until(what, condition) {
  for (const over = Date.now() + 20000; !condition();) {
    assert(Date.now() < over, what);
    await new Promise((done) => setTimeout(done, 5));
  }
}

const picture = new Picture(video, "/x", () => {});
picture.play(true);
players[0].fail();
await until("a new player", () => players.length === 2);
assert.equal(players[0].hls, null);

players[1].fail();
picture.close(); // before the failure was seen to
await until("the failure to be seen to", () => players[1].hls === null);
assert.equal(picture.player, null);
assert.equal(picture.timer, null);
console.log("good");
