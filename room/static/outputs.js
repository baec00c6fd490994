// SPDX-License-Identifier: MIT
// The destinations of the broadcast: how each does, and taking it off the air and back, changing and removing it.

import { $, badge, element, list, reconcile, setText, t } from "./dom.js";
import { failing, isOff, outputVerdict } from "./judge.js";
import { act, confirmed, drawFailure, facts } from "./actions.js";
import { drawLook, makeLook } from "./looks.js";
import { destination, followPlatform } from "./place.js";

function button(className, action) {
  const made = element("button", { type: "button", className });
  made.addEventListener("click", () => action(made));
  return made;
}

const nameOf = (output) => output.name || output.id;

async function turn(item, made) {
  const { output } = item;
  if (isOff(output)) return act("enable_output", { id: output.id }, made);
  if (await confirmed(t("confirm_off", nameOf(output)), t("take_off"))) act("disable_output", { id: output.id }, made);
}

async function remove(item, made) {
  const { output } = item;
  if (await confirmed(t("confirm_remove", nameOf(output)), t("remove"))) act("remove_output", { id: output.id }, made);
}

function edit({ output }) {
  const form = $("edit-output").querySelector("form");
  form.reset();
  form.dataset.id = output.id;
  form.elements.output_name.value = nameOf(output);
  form.elements.output_url.placeholder = output.url ?? "";
  $("edit-output").showModal();
}

function make() {
  const item = element("li");
  item.append(element("div", {}, element("strong"), element("code")), element("span"),
    element("div", { className: "buttons" }, button("turn", (made) => turn(item, made)),
      button("edit", () => edit(item)), button("remove", (made) => remove(item, made))),
    element("p", { className: "facts" }), element("p", { className: "unsuitable" }), element("p", { className: "failure" }), makeLook());
  return item;
}

// Buttons name their destination for who does not see the row.
function label(node, text, output) {
  setText(node, text);
  node.setAttribute("aria-label", `${text}: ${nameOf(output)}`);
}

function drawState(node, output, project) {
  const { tone, text } = outputVerdict(output, project);
  badge(node, text && t(text), tone);
}

function drawOutput(item, output, project) {
  item.output = output;
  item.classList.toggle("off", isOff(output));
  setText(item.querySelector("strong"), nameOf(output));
  setText(item.querySelector("code"), output.url ?? "");
  drawState(item.children[1], output, project);
  label(item.querySelector(".turn"), t(isOff(output) ? "take_on" : "take_off"), output);
  label(item.querySelector(".edit"), t("edit"), output);
  label(item.querySelector(".remove"), t("remove"), output);
  setText(item.querySelector(":scope > .facts"), !isOff(output) && (output.state === "live" || output.dropped) ? facts(output) : "");
  const unsuitable = isOff(output) ? undefined : output.unsuitable?.[document.documentElement.lang];
  setText(item.querySelector(".unsuitable"), unsuitable ?? "");
  drawFailure(item.querySelector(".failure"), isOff(output) ? {} : output);
  drawLook(item.querySelector(".look"), isOff(output) ? undefined : output.look, nameOf(output));
}

/** Draws the destinations. */
export function drawOutputs(project) {
  const bad = new Set(failing(project));
  const outputs = list(project.outputs);
  $("no-outputs").hidden = outputs.length > 0;
  setText($("failing"), bad.size ? t("failing_short", bad.size) : "");
  $("failing").hidden = bad.size === 0;
  reconcile($("outputs"), outputs, (output) => output.id, make, (item, output) => drawOutput(item, output, project));
}

followPlatform($("add-output"));
followPlatform($("edit-output").querySelector("form"));

$("add-output").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  if (await act("add_output", destination(form), form.querySelector("button"))) form.reset();
});

$("edit-output").querySelector("button[value=cancel]").addEventListener("click", () => $("edit-output").close());
$("edit-output").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const done = await act("set_output", { id: form.dataset.id, ...destination(form) }, form.querySelector(".primary"));
  if (done) $("edit-output").close();
});
