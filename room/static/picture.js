// SPDX-License-Identifier: MIT
// One playing picture: HLS in a video element, tried again for as long as it is wanted. A page that nobody looks at
// fetches nothing.

const AGAIN = 2000; // ms until a picture that is not there is asked for again
const PERHAPS = 10000; // ms until one is that this browser could not play: the encoder may send another by then
const CODECS = { avc1: "H.264", hvc1: "HEVC", hev1: "HEVC", av01: "AV1", vp09: "VP9", mp4a: "AAC", opus: "Opus", flac: "FLAC" };

// What people call the codec of a media type: `video/mp4;codecs=hvc1.1.6.L93`.
function codecOf(type) {
  const name = /codecs="?([^".,]+)/.exec(type)?.[1] ?? type;
  return CODECS[name.toLowerCase()] ?? name;
}

// The codec of the picture behind a playlist, from its header, which names it in four bytes; null: nothing is there, or
// what every browser plays.
async function codecAt(url) {
  try {
    const playlist = await fetch(url);
    const [, header] = /#EXT-X-MAP:URI="([^"]+)"/.exec(playlist.ok ? await playlist.text() : "") ?? [];
    const bytes = header && await (await fetch(new URL(header, playlist.url))).arrayBuffer();
    const [found] = /hvc1|hev1|av01|vp09/.exec(bytes ? new TextDecoder("latin1").decode(bytes) : "") ?? [];
    return found ? CODECS[found] : null;
  } catch {
    return null;
  }
}

export class Picture {
  // `told` hears whether there is a picture. `cannot`: the codec that this browser does not play.
  constructor(video, url, told) {
    Object.assign(this, { video, url, told, wanted: false, player: null, timer: null, cannot: null });
    video.addEventListener("playing", () => {
      this.cannot = null;
      told(true);
    });
    this.visibility = () => this.play(this.wanted);
    document.addEventListener("visibilitychange", this.visibility);
  }

  play(wanted) {
    this.wanted = wanted;
    const should = wanted && !document.hidden;
    if (should && !this.player && !this.timer) this.open();
    if (!should) this.drop();
  }

  open() {
    this.timer = null;
    if (!window.Hls?.isSupported()) { // Safari on phones plays HLS by itself
      const player = { destroy: () => this.video.onerror = null };
      this.player = player;
      this.video.onerror = () => this.failed(player);
      this.video.src = this.url;
      return;
    }
    // The first playlist of an input comes when the service has pulled it: up to ten seconds.
    const player = new window.Hls({
      workerPath: "/player/hls.worker.js", lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.5, backBufferLength: 10,
      manifestLoadPolicy: { default: { maxTimeToFirstByteMs: 15000, maxLoadTimeMs: 20000, timeoutRetry: null, errorRetry: null } },
    });
    this.player = player;
    // A player goes on with what it was doing once its listeners have heard, so none may be destroyed meanwhile.
    const again = (wait) => setTimeout(() => this.player === player && this.retry(wait));
    player.on(window.Hls.Events.ERROR, (_, { details, fatal, mimeType }) => {
      if (details === window.Hls.ErrorDetails.BUFFER_ADD_CODEC_ERROR) {
        this.cannot = codecOf(mimeType);
        again(PERHAPS);
      } else if (fatal) {
        again(AGAIN);
      }
    });
    player.loadSource(this.url);
    player.attachMedia(this.video);
    this.video.play().catch(() => {}); // muted, so only a picture that goes away meanwhile refuses
  }

  // A browser that plays HLS by itself does not say what it cannot play.
  async failed(player) {
    const codec = await codecAt(this.url);
    if (this.player !== player) return;
    this.cannot = codec;
    this.retry(codec ? PERHAPS : AGAIN);
  }

  retry(wait) {
    this.drop();
    this.timer = setTimeout(() => {
      this.timer = null;
      this.play(this.wanted);
    }, wait);
  }

  drop() {
    clearTimeout(this.timer);
    this.timer = null;
    if (!this.player) return;
    this.player.destroy();
    this.player = null;
    this.video.removeAttribute("src");
    this.video.load();
    this.told(false);
  }

  close() {
    this.wanted = false;
    this.drop();
    document.removeEventListener("visibilitychange", this.visibility);
  }
}
