// SPDX-License-Identifier: MIT
// Whether what the page shows is how things are: the stream of events, the age of the last look at the service, and the
// words for a service or a control room that does not answer.

import { $, badge, setText, t } from "./dom.js";
import { SILENT, STALE } from "./judge.js";

const link = { opened: Date.now() / 1000, skew: 0, looked: 0, beat: 0, open: false, trouble: null };

const clock = () => performance.now() / 1000;

/** The control room's time, unix seconds. */
export const now = () => Date.now() / 1000 + link.skew;

// How old what is shown is, in seconds. A page that was just opened is not old.
const age = () => Math.max(now() - Math.max(link.looked, link.opened + link.skew), link.beat ? clock() - link.beat : 0);

// What is wrong: null, "lost" (this page without the control room), "silent" or "refused" (that without the service).
function fault() {
  if (link.beat && (!link.open || clock() - link.beat > SILENT)) return "lost";
  if (link.trouble) return /^(network|room)\./.test(link.trouble.code ?? "") ? "silent" : "refused";
  return link.beat && age() > SILENT ? "silent" : null;
}

// The bar is an alert: its words stay while the seconds beside them go on.
function drawBar(wrong) {
  $("trouble").hidden = !wrong;
  if (!wrong) return;
  setText($("trouble-text"), t(`${wrong}_more`));
  setText($("trouble-cause"), wrong === "lost" ? "" : link.trouble?.message ?? "");
  setText($("trouble-age"), age() > STALE ? t("age", Math.round(age())) : "");
}

/** Says how the link is; returns whether something is wrong with it. */
export function drawLink() {
  const wrong = fault();
  document.body.classList.toggle("stale", age() > STALE);
  if (wrong) badge($("link"), t(wrong === "refused" ? "silent" : wrong), "bad");
  else badge($("link"), t(link.beat ? "connected" : "connecting_page"), link.beat ? "good" : "");
  drawBar(wrong);
  return Boolean(wrong);
}

/** Listens to the control room. */
export function listen(handlers, changed) {
  const source = new EventSource("/events");
  const all = {
    ...handlers,
    beat: (beat) => {
      Object.assign(link, { skew: beat.now - Date.now() / 1000, looked: beat.looked, beat: clock(), open: true });
      handlers.beat(beat);
    },
    trouble: (trouble) => { link.trouble = trouble; },
  };
  for (const [name, handle] of Object.entries(all)) {
    source.addEventListener(name, (event) => {
      handle(JSON.parse(event.data));
      changed(name);
    });
  }
  source.addEventListener("error", () => {
    link.open = false;
    if (source.readyState === EventSource.CLOSED) handlers.over(); // refused: the session is over
    changed("error");
  });
}
