// SPDX-License-Identifier: MIT
// What viewers of the destinations see and the inputs show: picture, verdict, delay, loudness; and the open alarms, each
// with the picture that raised it.

import { $, badge, clockTime, element, reconcile, setText, t } from "./dom.js";
import { alarms, lookVerdict } from "./judge.js";

const QUIETEST = -60; // LUFS at which the meter is empty
const LOUD = -14; // LUFS from which on a broadcast is loud
const EVERY = 10; // s for which a picture is good: the service looks that often

const address = (name, at) => `/looks/${name}.jpg${at ? `?${at}` : ""}`;

function drawImage(image, name, alt, at) {
  const wanted = name ? address(name, at) : "";
  image.hidden = !name;
  image.alt = alt;
  if (wanted && image.getAttribute("src") !== wanted) image.src = wanted;
}

/** A meter of loudness; hidden while nothing is known. */
export function makeMeter() {
  return element("meter", { min: QUIETEST, max: 0, low: -40, high: LOUD, optimum: -23, hidden: true });
}

export function drawMeter(meter, look) {
  const known = typeof look?.loudness === "number";
  meter.hidden = !known;
  if (!known) return;
  meter.value = Math.max(QUIETEST, look.loudness);
  const text = `${t("loudness")} ${look.loudness.toFixed(1)} LUFS`;
  meter.title = text;
  meter.setAttribute("aria-label", text);
}

/** The place for what viewers of a destination see. */
export function makeLook() {
  const image = element("img", { className: "seen", loading: "lazy", hidden: true });
  image.addEventListener("error", () => { image.hidden = true; });
  return element("div", { className: "look", hidden: true }, image,
    element("p", {}, element("span", { className: "who" }), element("span"), element("span", { className: "facts" }), makeMeter()));
}

export function drawLook(node, look, name) {
  node.hidden = !look;
  if (!look) return;
  const [who, verdict, facts, meter] = node.lastChild.children;
  const { tone, text } = lookVerdict(look);
  setText(who, t("viewers"));
  badge(verdict, t(text), tone);
  setText(facts, typeof look.delay === "number" ? t("late_by", (look.delay / 1000).toFixed(1)) : "");
  drawMeter(meter, look);
  drawImage(node.firstChild, look.picture, t("viewers_picture", name), Math.floor(Date.now() / 1000 / EVERY));
}

// ---- the open alarms

function nameOf({ part, about }) {
  const name = part.key ? t(part.key) : part.name || part.id;
  if (about === "look") return part.key ? t("shows_of", name) : t("viewers_of", name);
  return about === "part" ? name : "";
}

function causeOf({ part, about, look, failure }) {
  if (about === "look") return t(`look_${look.state}`);
  if (about === "part") return failure?.message ?? t(`state_${part.state}`);
  if (about === "slate") return t("event_slate_on");
  if (about === "merge") return t(`event_merge_${part.id}`);
  return [t(about === "uplink" ? "event_uplink_full" : "event_recording_failed"), failure?.message].filter(Boolean).join(": ");
}

function makeAlarm(alarm, choose) {
  const image = element("img", { className: "seen", hidden: true });
  image.addEventListener("error", () => { image.hidden = true; });
  const button = element("button", { type: "button" }, image, element("strong"), element("span", { className: "mark bad" }),
    element("time"));
  button.addEventListener("click", () => choose(alarm.project.id));
  return element("li", {}, button);
}

function drawOne(item, alarm) {
  const [image, title, cause, time] = item.firstChild.children;
  setText(title, [alarm.project.name ?? alarm.project.id, nameOf(alarm)].filter(Boolean).join(" · "));
  setText(cause, causeOf(alarm));
  setText(time, alarm.since ? t("since", clockTime(alarm.since)) : "");
  drawImage(image, alarm.look?.alarm, causeOf(alarm));
}

/** Draws what is wrong now, in all projects. */
export function drawAlarms(projects, choose) {
  const open = alarms(projects);
  $("alarms-card").hidden = open.length === 0;
  reconcile($("alarms"), open, ({ key }) => key, (alarm) => makeAlarm(alarm, choose), drawOne);
}
