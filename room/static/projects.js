// SPDX-License-Identifier: MIT
// The list of broadcasts: what is on the air first, with what fails, a filter, and a search when there are many.

import { $, badge, element, reconcile, setText, t } from "./dom.js";
import { failing, filtered, FILTERS, isOnAir, sorted, withoutInput } from "./judge.js";
import { state } from "./actions.js";

const MANY = 7; // broadcasts from which on there is a search
const view = { filter: "all", word: "" };

/** All of them, what is on the air first. */
export const projects = () => sorted(state.order.map((id) => state.projects.get(id)).filter(Boolean));

function makeItem(project, choose) {
  const button = element("button", { type: "button" }, element("span", { className: "name" }), element("span"),
    element("span"));
  button.addEventListener("click", () => choose(project.id));
  return element("li", {}, button);
}

function drawItem(item, project) {
  const [name, air, bad] = item.firstChild.children;
  item.firstChild.setAttribute("aria-current", String(project.id === state.chosen));
  setText(name, project.name ?? project.id);
  badge(air, t(project.status ?? "idle"), isOnAir(project) ? "air" : "");
  const alarms = failing(project).length + (withoutInput(project) ? 1 : 0);
  badge(bad, alarms ? t("failing_short", alarms) : "", "bad");
}

function drawFilters(all) {
  for (const button of $("filters").children) {
    const name = button.value;
    setText(button, `${t(`filter_${name}`)} ${all.filter(FILTERS[name]).length}`);
    button.setAttribute("aria-pressed", String(name === view.filter));
  }
  $("filters").hidden = all.length < 2;
  $("search").hidden = all.length < MANY;
}

/** Draws it. */
export function drawList(choose) {
  const all = projects();
  const shown = filtered(all, view.filter, all.length < MANY ? "" : view.word);
  $("no-projects").hidden = all.length > 0;
  $("no-match").hidden = all.length === 0 || shown.length > 0;
  drawFilters(all);
  reconcile($("projects"), shown, (project) => project.id, (project) => makeItem(project, choose), drawItem);
}

/** Has the list drawn again when somebody filters it. */
export function onFilter(changed) {
  for (const name of Object.keys(FILTERS)) {
    const button = element("button", { type: "button", value: name });
    button.addEventListener("click", () => {
      view.filter = name;
      changed();
    });
    $("filters").append(button);
  }
  $("search").addEventListener("input", (event) => {
    view.word = event.target.value;
    changed();
  });
}
