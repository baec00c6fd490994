// SPDX-License-Identifier: MIT
// Trouble where it is seen: a bar that stays in view, the title of the page, and its icon.

import { $, element, list, reconcile, setText, t } from "./dom.js";
import { drawAlarms } from "./looks.js";
import { count, failing, inputDown, inTrouble, onSlate, wrongLooks } from "./judge.js";

const MOST = 4; // broadcasts that the bar names
const COLOURS = { bad: "#b42318", air: "#1f4fd8", idle: "#1f4fd8", lost: "#5c6472" };

const failingText = (n) => (n === 1 ? t("sum_failing_one") : t("sum_failing", n));

function drawCounts(counts) {
  const words = [["air", counts.onAir, t("sum_on_air", counts.onAir)], ["good", counts.live, t("sum_live", counts.live)],
    ["warn", counts.starting, t("sum_starting", counts.starting)],
    ["warn starved", counts.starved, t("sum_starved", counts.starved)],
    ["warn slate", counts.slate, t("sum_slate", counts.slate)], ["bad", counts.failing, failingText(counts.failing)]];
  reconcile($("counts"), words.filter(([name, n]) => n > 0 || name === "air"), ([name]) => name,
    ([name]) => element("li", { className: `mark ${name}` }), (item, [, , text]) => setText(item, text));
}

// Which broadcasts are in trouble and why; each leads there.
function drawCulprits(projects, choose) {
  reconcile($("culprits"), projects.filter(inTrouble).slice(0, MOST), (project) => project.id, (project) => {
    const button = element("button", { type: "button" });
    button.addEventListener("click", () => choose(project.id));
    return element("li", {}, button);
  }, (item, project) => {
    const parts = failing(project).map((output) => output.name || output.id)
      .concat(wrongLooks(project).map((part) => `${part.key ? t(part.key) : part.name || part.id} (${t(`look_${part.look.state}`)})`));
    if (onSlate(project)) parts.unshift(t("on_slate"));
    else if (inputDown(project)) parts.unshift(t("sum_input"));
    setText(item.firstChild, `${project.name ?? project.id}: ${parts.join(", ")}`);
  });
}

// An icon with the number in it, since a tab shows little more.
function drawIcon(kind, text) {
  const shape = kind === "bad" ? '<path d="M32 3 62 60H2z"/>' : '<rect width="64" height="64" rx="14"/>';
  const word = `<text x="32" y="${kind === "bad" ? 54 : 46}" font-size="${kind === "bad" ? 34 : 40}" fill="#fff" `
    + `font-family="sans-serif" font-weight="700" text-anchor="middle">${text}</text>`;
  const mark = text ? word : '<circle cx="32" cy="32" r="13" fill="#fff"/>';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><g fill="${COLOURS[kind]}">${shape}</g>`
    + `${mark}</svg>`;
  const href = kind === "idle" ? "/static/icon.svg" : `data:image/svg+xml,${encodeURIComponent(svg)}`;
  const icon = document.querySelector("link[rel=icon]");
  if (icon.getAttribute("href") !== href) icon.setAttribute("href", href);
}

/** What the tab shows: pure but for the texts. */
export function tab(counts, lost, name) {
  const alarms = counts.failing + counts.inputs + (counts.looks ?? 0);
  const words = [name, t("title")].filter(Boolean).join(" · ");
  if (lost) return { kind: "lost", text: "?", title: `? ${words}` };
  if (alarms) return { kind: "bad", text: String(Math.min(alarms, 99)), title: `▲ ${alarms} · ${words}` };
  return counts.onAir ? { kind: "air", text: "", title: `● ${words}` } : { kind: "idle", text: "", title: words };
}

/** Draws all of it. `lost`: nothing is known for sure. */
export function drawAlarm(projects, { lost, name, choose }) {
  drawAlarms(projects, choose);
  const counts = count(list(projects));
  drawCounts(counts);
  drawCulprits(projects, choose);
  $("summary").classList.toggle("bad", counts.failing + counts.inputs + counts.looks > 0);
  const { kind, text, title } = tab(counts, lost, name);
  drawIcon(kind, text);
  if (document.title !== title) document.title = title;
}
