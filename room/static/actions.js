// SPDX-License-Identifier: MIT
// What the page knows, and doing something to the broadcast that is chosen: asking first, telling how it went.

import { $, clockTime, element, rate, setText, t } from "./dom.js";
import { post } from "./session.js";

/** What has come, and what somebody has chosen. */
export const state = {
  projects: new Map(), order: [], events: [], chosen: location.hash.slice(1) || sessionStorage.getItem("chosen"),
};

export const chosen = () => state.projects.get(state.chosen);

export function notice(text, bad) {
  const node = element("p", { textContent: text, className: bad ? "bad" : "" });
  $("notices").append(node);
  setTimeout(() => node.remove(), bad ? 15000 : 5000);
}

/** Does something to the chosen project; `button` waits meanwhile. Returns whether it went well. */
export async function act(name, body, button) {
  if (button) button.disabled = true;
  try {
    const { warning } = await post(`/projects/${encodeURIComponent(state.chosen)}/${name}`, body);
    notice(warning ?? t(`done_${name}`), Boolean(warning));
    return true;
  } catch (error) {
    notice(t("failed", error.message), true);
    return false;
  } finally {
    if (button) button.disabled = false;
  }
}

/** Asks before something that cannot be taken back. */
export function confirmed(question, button) {
  const dialog = $("confirm");
  setText($("question"), question);
  setText(dialog.querySelector(".danger"), button);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true });
  });
}

/** What a form has, as an object. */
export const filled = (form) => Object.fromEntries(new FormData(form));

/** How an input or destination does, in figures. */
export function facts(one) {
  const parts = [];
  if (one.width) parts.push(`${one.width}×${one.height}`);
  if (one.bitrate) parts.push(rate(one.bitrate));
  if (one.frame_rate) parts.push(`${one.frame_rate.toFixed(0)}/s`);
  if (one.dropped !== undefined) parts.push(`${t("dropped")} ${one.dropped}`);
  if (one.delay !== undefined) parts.push(`${t("delay")} ${Math.round(one.delay)} ms`);
  return parts.join(" · ");
}

/** The last thing that went wrong with one; quiet, and told as past, when it works again. */
export function drawFailure(node, one) {
  const failure = one.failure, past = one.state === "live" || one.state === "ready";
  const words = failure ? `${failure.time ? `${clockTime(failure.time)} ` : ""}${failure.message}` : "";
  setText(node, words && past ? `${t("works_again")} (${words})` : words);
  node.className = past ? "failure past" : "failure";
}
