// SPDX-License-Identifier: MIT
// The session slides while somebody is at the page, and says so in time before it ends.

import { $, duration, setText, t } from "./dom.js";
import { now } from "./link.js";

const WARNING = 300; // s before the end, at most a quarter of a session
const token = document.querySelector("meta[name=csrf-token]").content;
const session = { expires: null, seconds: 0, slid: performance.now() };

export function leave() {
  location.href = "/login?over=1";
}

/** Sends something to be done; raises what was wrong. */
export async function post(path, body) {
  const response = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": token }, body: JSON.stringify(body),
  });
  if (response.status === 401) leave();
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

async function slide() {
  session.slid = performance.now();
  try {
    const { expires } = await post("/session", {});
    if (expires) session.expires = expires;
  } catch { // the next sign of somebody tries again
  }
  drawSession();
}

// A sign that somebody is there; one in each minute, or twentieth of a session, is enough.
function awake() {
  const often = 1000 * Math.min(60, session.seconds / 20);
  if (session.expires && performance.now() - session.slid > often) slide();
}

for (const sign of ["pointerdown", "keydown"]) document.addEventListener(sign, awake, { passive: true });
$("stay").addEventListener("click", slide);

/** Notes when the session ends. */
export function note({ expires, seconds }) {
  Object.assign(session, { expires, seconds });
}

export function drawSession() {
  const left = session.expires === null ? Infinity : session.expires - now();
  const warns = left < Math.min(WARNING, session.seconds / 4);
  $("session").hidden = !warns;
  if (warns) setText($("session-text"), t("session_ends", duration(left)));
}
