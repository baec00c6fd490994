// SPDX-License-Identifier: MIT
// The pictures of the broadcast: what goes out, and each input with how it does and the button to switch to it.

import { $, badge, element, list, reconcile, setText, t } from "./dom.js";
import { isOff, isOnAir, onSlate, outputVerdict, verdict } from "./judge.js";
import { act, drawFailure, facts, state } from "./actions.js";
import { drawMeter, makeMeter } from "./looks.js";
import { Picture } from "./picture.js";

function makeTile({ part }) {
  const video = element("video", { muted: true, autoplay: true, playsInline: true, controls: true });
  video.setAttribute("aria-label", t(part));
  const message = element("p", { textContent: t("waiting_picture") });
  const button = element("button", { type: "button", textContent: t("switch") });
  button.addEventListener("click", () => act("switch", { to: part }, button));
  const tile = element("figure", { className: part === "output" ? "program" : "" },
    element("div", { className: "screen" }, video, message),
    element("figcaption", {},
      element("div", { className: "row" }, element("strong", { textContent: t(part) }), element("span"), button),
      makeMeter(), element("p", { className: "facts" }), element("p", { className: "failure" }), element("code")));
  tile.dataset.part = part;
  tile.picture = new Picture(video, `/play/${state.chosen}/${part}/index.m3u8`, (shows) => {
    message.hidden = shows;
    if (!shows) setText(message, reasonFor(tile, false));
  });
  return tile;
}

// What goes out is heard where viewers of a destination hear it.
const heard = (project) => list(project.outputs).map((output) => output.look).find((look) => look?.good);

function programFacts(project) {
  const on = list(project.outputs).filter((output) => !isOff(output));
  const live = on.map((output) => outputVerdict(output, project))
    .filter(({ tone, text }) => tone === "good" || text === "state_slate");
  return project.told ? t("live_of", live.length, on.length) : "";
}

// An input that is on the air and has no picture is trouble first.
function drawState(node, { part, input, project }, active) {
  const working = isOnAir(project);
  if (part === "output" && onSlate(project)) return badge(node, t("on_slate"), "warn");
  if (part === "output") return badge(node, t(working ? "working" : "idle"), working ? "air" : "");
  const { tone, text } = verdict(input);
  if (active && tone !== "bad" && !onSlate(project)) return badge(node, t("on_air"), "air");
  badge(node, text && t(text), tone);
}

// What stands where the picture would.
function reasonFor(tile, off) {
  if (off) return t("no_picture");
  return tile.picture.cannot ? t("cannot_play", tile.picture.cannot) : t("waiting_picture");
}

function drawTile(tile, shown) {
  const { part, input, project } = shown;
  const working = isOnAir(project);
  const active = working && project.active === part;
  const [badge_, button] = tile.querySelectorAll(".row span, .row button");
  tile.classList.toggle("active", active);
  tile.classList.toggle("bad", Boolean(input) && working && verdict(input).tone === "bad");
  button.hidden = part === "output" || !working || active;
  drawState(badge_, shown, active);
  setText(tile.querySelector(".facts"), input ? facts(input) : programFacts(project));
  drawFailure(tile.querySelector(".failure"), input ?? {});
  drawMeter(tile.querySelector("meter"), input ? input.look : heard(project));
  setText(tile.querySelector("code"), input ? (input.kind === "push" ? t("source_push") : input.url ?? "") : "");
  tile.picture.play(part !== "output" || working);
  setText(tile.querySelector(".screen p"), reasonFor(tile, part === "output" && !working));
}

function makeSource(source) {
  const button = element("button", { type: "button", textContent: t("switch") });
  button.addEventListener("click", () => act("switch", { to: source.key }, button));
  return element("li", { className: "card" }, element("code"), button);
}

function drawSource(item, source, project) {
  const active = isOnAir(project) && project.active === source.key;
  setText(item.firstChild, `${active ? "▶ " : ""}${source.url ?? source.key}`);
  item.lastChild.hidden = !isOnAir(project) || active;
}

/** Draws them. */
export function drawPictures(project) {
  const [inputs, sources] = [(input) => input.kind !== "source", (input) => input.kind === "source"]
    .map((kind) => list(project.inputs).filter(kind));
  const tiles = [{ part: "output", project }, ...inputs.map((input) => ({ part: input.key, input, project }))];
  reconcile($("pictures"), tiles, (tile) => `${project.id} ${tile.part}`, makeTile, drawTile);
  reconcile($("sources"), sources, (source) => source.key, makeSource, (item, source) => drawSource(item, source, project));
  $("not-told").hidden = !isOnAir(project) || project.told;
}

/** Lets go of all of them. */
export const closePictures = () => reconcile($("pictures"), [], String, null, null);
