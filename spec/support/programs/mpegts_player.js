// SPDX-License-Identifier: MIT
// Plays http-flv by mpegts.js until it is killed: FOLDER URL PATH. There is no browser: what the player gives to its
// media source buffers is written to PATH.video and PATH.audio, which takes any codec; "refused: WORDS" says what it
// cannot play.
const fs = require("fs");
const [folder, url, path] = process.argv.slice(2);

class SourceBuffer extends EventTarget {
  constructor(mime) {
    super();
    this.file = `${path}.${mime.split("/")[0]}`;
    this.updating = false;
    this.timestampOffset = 0;
    this.buffered = { length: 0 };
  }

  appendBuffer(data) {
    fs.appendFileSync(this.file, Buffer.from(data));
    this.updating = true;
    queueMicrotask(() => {
      this.updating = false;
      this.dispatchEvent(new Event("updateend"));
    });
  }

  abort() {}
}

class MediaSource extends EventTarget {
  static isTypeSupported() { return true; }

  constructor() {
    super();
    this.readyState = "open";
    setImmediate(() => this.dispatchEvent(new Event("sourceopen")));
  }

  addSourceBuffer(mime) { return new SourceBuffer(mime); }
  removeSourceBuffer() {}
  endOfStream() { this.readyState = "ended"; }
}

class HTMLVideoElement extends EventTarget {
  constructor() {
    super();
    this.currentTime = 0;
    this.readyState = 0;
    this.buffered = { length: 0 };
  }

  load() {}
  pause() {}
  removeAttribute() {}
}

globalThis.self = globalThis.window = globalThis;
const navigator = { userAgent: "Mozilla/5.0 Chrome/120.0" };
Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
Object.assign(globalThis, { MediaSource, HTMLVideoElement });
URL.createObjectURL = () => "blob:source";
URL.revokeObjectURL = () => {};

const mpegts = require(folder);
mpegts.LoggingControl.enableAll = false;
// no sound of its own making, and no wait for more
const player = mpegts.createPlayer({ type: "flv", isLive: true, url },
  { fixAudioTimestampGap: false, enableStashBuffer: false });
player.on(mpegts.Events.ERROR, (type, detail, info) => console.log(`refused: ${detail}: ${info.msg || info}`));
player.attachMediaElement(new HTMLVideoElement());
player.load();
