// SPDX-License-Identifier: MIT
// The page of the control room. What is shown comes by server-sent events (/events) and goes into the page as text;
// what is done goes by POST with the session's token. Elements stay what they are while what they show changes, so that
// neither the keyboard's focus nor a picture is lost.
//
//   dom      elements, texts, times           judge     what is well, counts, order: pure
//   link     the stream, how old it is        session   slides, ends, POST
//   actions  what is known, doing something   alarm     bar, title, icon
//   projects the list     pictures, outputs, happened: the broadcast that is chosen
//   looks    what viewers see, and the open alarms with their pictures
//   place    where a destination is: URL, or platform, server and key

import { $, badge, duration, list, localTime, setText, t } from "./dom.js";
import { act, chosen, confirmed, filled, notice, state } from "./actions.js";
import { drawAlarm } from "./alarm.js";
import { drawEvents } from "./happened.js";
import { isOnAir, STALE, staleFor } from "./judge.js";
import { drawLink, listen, now } from "./link.js";
import { drawOutputs } from "./outputs.js";
import { closePictures, drawPictures } from "./pictures.js";
import { destination, followPlatform } from "./place.js";
import { drawList, onFilter, projects } from "./projects.js";
import { drawSession, leave, note, post } from "./session.js";

const TICK = 250; // ms
const SOON = 300; // s before the planned stop from which on it is pointed at
let picked = false; // somebody has chosen a broadcast
let filledFor = null; // what the field of the planned stop was filled for

function choose(id, focus = true) {
  picked = true;
  state.chosen = id;
  sessionStorage.setItem("chosen", id);
  history.replaceState(null, "", `#${id}`);
  draw();
  if (focus) $("broadcast").focus();
}

// ---- the broadcast that is chosen

function drawClock() {
  const project = chosen();
  if (!project) return;
  const { stop_at: stopAt, started_at: startedAt } = project;
  const working = isOnAir(project);
  $("clock-bar").hidden = !(working && stopAt && startedAt);
  $("clock").classList.toggle("soon", Boolean(working && stopAt && stopAt - now() < SOON));
  if (working && stopAt) {
    setText($("clock-label"), t("stops_in"));
    setText($("clock"), duration(stopAt - now()));
    if (startedAt) $("clock-bar").value = Math.min(1, (now() - startedAt) / (stopAt - startedAt));
  } else {
    setText($("clock-label"), working && startedAt ? t("on_air_for") : "");
    setText($("clock"), working ? (startedAt ? duration(now() - startedAt) : t("no_stop")) : "");
  }
}

// A project that the service could not tell about, while it tells about others.
function drawStale() {
  const project = chosen();
  const old = project ? staleFor(project, now()) : 0;
  const shows = old > STALE && !document.body.classList.contains("stale");
  $("detail").classList.toggle("stale", shows);
  badge($("stale"), shows ? t("stale_since", Math.round(old)) : "", "bad");
  setText($("problem"), shows ? project.problem ?? "" : "");
}

// Which node of a fleet stands by for the broadcast.
function drawStandby({ standby }, working) {
  const shows = working && ["warm", "starting", "missing"].includes(standby?.state);
  badge($("standby"), shows ? t(`standby_${standby.state}`, standby.node ?? "") : "", standby?.state === "warm" ? "good" : "warn");
}

function drawHead(project) {
  const working = isOnAir(project);
  setText($("name"), project.name ?? project.id);
  setText($("owner"), project.owner ?? "");
  setText($("id"), project.id);
  badge($("status"), t(project.status ?? "idle"), working ? "air" : "");
  drawStandby(project, working);
  $("start").hidden = $("delete").hidden = working;
  $("stop").hidden = $("set-stop").hidden = !working;
  for (const button of document.querySelectorAll("#steer .extend")) button.hidden = !(working && project.stop_at);
  const wanted = `${project.id} ${project.status} ${project.stop_at ?? ""}`;
  if (filledFor !== wanted) { // what somebody is about to type stays
    filledFor = wanted;
    $("stop-at").value = localTime(working && project.stop_at ? project.stop_at : now() + 2 * 3600);
  }
  drawClock();
}

function drawTime() {
  const lost = drawLink();
  drawSession();
  drawClock();
  drawStale();
  drawAlarm(projects(), { lost, name: chosen()?.name, choose });
}

function draw() {
  drawList(choose);
  const project = chosen();
  $("choose").hidden = Boolean(project);
  $("detail").hidden = !project;
  drawTime();
  if (!project) return closePictures();
  drawHead(project);
  drawPictures(project);
  drawOutputs(project);
  drawEvents(project, state.events, draw);
}

// ---- forms and buttons

const stopAt = () => {
  const value = $("stop-at").value;
  return value ? new Date(value).toISOString() : "";
};

$("steer").addEventListener("submit", (event) => {
  event.preventDefault();
  act("start", { stop_at: stopAt() }, $("start"));
});
$("set-stop").addEventListener("click", () => act("stop_at", { stop_at: stopAt() }, $("set-stop")));
for (const button of document.querySelectorAll("#steer .extend")) {
  button.addEventListener("click", () => act("extend", { seconds: Number(button.value) * 60 }, button));
}
$("stop").addEventListener("click", async () => {
  if (await confirmed(t("confirm_stop", chosen().name), t("stop"))) act("stop", {}, $("stop"));
});
$("delete").addEventListener("click", async () => {
  if (await confirmed(t("confirm_delete", chosen().name), t("delete"))) act("delete", {}, $("delete"));
});

followPlatform($("create").querySelector("form"));
$("new").addEventListener("click", () => $("create").showModal());
$("create").querySelector("button[value=cancel]").addEventListener("click", () => $("create").close());
$("create").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target, problem = form.querySelector(".problem"), button = form.querySelector(".primary");
  const { name, input, backup } = filled(form);
  setText(problem, "");
  button.disabled = true;
  try {
    const { id } = await post("/projects", { name, input, backup, outputs: [destination(form)] });
    form.reset();
    $("create").close();
    notice(t("done_create"));
    choose(id);
  } catch (error) {
    setText(problem, t("failed", error.message));
  } finally {
    button.disabled = false;
  }
});
onFilter(draw);

// ---- what comes

const DRAWS = new Set(["project", "order", "events"]);

listen({
  beat: note,
  project: (project) => state.projects.set(project.id, project),
  order: (ids) => {
    state.order = list(ids);
    for (const id of state.projects.keys()) if (!state.order.includes(id)) state.projects.delete(id);
    if (!picked && !state.order.includes(state.chosen)) state.chosen = projects()[0]?.id ?? null;
  },
  events: (events) => { state.events = list(events); },
  over: leave,
}, (name) => (DRAWS.has(name) ? draw() : drawTime()));
setInterval(drawTime, TICK);
