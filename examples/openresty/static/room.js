// SPDX-License-Identifier: MIT
// The page of the control room. What is shown comes by server-sent events (/events) and goes into the page as text;
// what is done goes by POST with the session's token. Elements stay what they are while what they show changes, so that
// neither the keyboard's focus nor a picture is lost.

import { Picture } from "./picture.js";

const $ = (id) => document.getElementById(id);
const texts = JSON.parse($("texts").textContent);
const token = document.querySelector("meta[name=csrf-token]").content;
const locale = document.documentElement.lang === "zh" ? "zh-CN" : "en-GB";

// An empty Lua table may arrive as {}.
const list = (value) => (Array.isArray(value) ? value : []);
const state = { projects: new Map(), order: [], events: [], chosen: location.hash.slice(1), skew: 0, filled: null };
const chosen = () => state.projects.get(state.chosen);

const tones = {
  live: "good", working: "good", connecting: "warn", waiting: "warn", stalled: "bad", backoff: "bad", refused: "bad",
  down: "bad", failed: "bad",
};

// ---- small things

const t = (key, ...values) => values.reduce((text, value) => text.replace("%s", () => value), texts[key] ?? key);

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function badge(node, text, tone = "") {
  setText(node, text);
  node.className = `badge ${tone}`.trim();
}

// Has one child for each item, in order, and keeps those that stay.
function reconcile(parent, items, key, make, update) {
  const there = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, i) => {
    let child = there.get(key(item));
    if (!child) {
      child = make(item);
      child.dataset.key = key(item);
    }
    there.delete(key(item));
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
    update(child, item);
  });
  for (const [, child] of there) {
    child.picture?.close();
    child.remove();
  }
}

const now = () => Date.now() / 1000 + state.skew;

function duration(seconds) {
  const s = Math.max(0, Math.round(seconds));
  const two = (n) => String(n).padStart(2, "0");
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

const clockTime = (seconds) => new Date(seconds * 1000).toLocaleTimeString(locale);
const rate = (kbps) => (kbps >= 1000 ? `${(kbps / 1000).toFixed(1)} Mbit/s` : `${Math.round(kbps)} kbit/s`);

// What a datetime-local field takes: this machine's time without an offset.
function localTime(seconds) {
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
}

// ---- doing

function notice(text, bad) {
  const node = element("p", { textContent: text, className: bad ? "bad" : "" });
  $("notices").append(node);
  setTimeout(() => node.remove(), bad ? 15000 : 5000);
}

async function post(path, body) {
  const response = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": token }, body: JSON.stringify(body),
  });
  if (response.status === 401) leave();
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

// Does something to the chosen project; `button` waits meanwhile. Returns whether it went well.
async function act(name, body, button) {
  if (button) button.disabled = true;
  try {
    const answer = await post(`/projects/${state.chosen}/${name}`, body);
    notice(answer.warning ?? t(`done_${name}`), Boolean(answer.warning));
    return true;
  } catch (error) {
    notice(t("failed", error.message), true);
    return false;
  } finally {
    if (button) button.disabled = false;
  }
}

function confirmed(question, button) {
  const dialog = $("confirm");
  setText($("question"), question);
  setText(dialog.querySelector(".danger"), button);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true });
  });
}

function leave() {
  location.href = "/login?over=1";
}

// ---- the list

function choose(id) {
  state.chosen = id;
  history.replaceState(null, "", `#${id}`);
  draw();
}

function drawList() {
  const projects = state.order.map((id) => state.projects.get(id)).filter(Boolean);
  $("no-projects").hidden = projects.length > 0;
  reconcile($("projects"), projects, (p) => p.id, (p) => {
    const button = element("button", { type: "button" }, element("span"), element("span"));
    button.addEventListener("click", () => {
      choose(p.id);
      $("broadcast").focus();
    });
    return element("li", {}, button);
  }, (item, p) => {
    const button = item.firstChild;
    button.setAttribute("aria-current", String(p.id === state.chosen));
    setText(button.children[0], p.name ?? p.id);
    badge(button.children[1], t(p.status ?? "idle"), p.status === "working" ? "air" : "");
  });
}

// ---- the chosen one

function facts(one) {
  const parts = [];
  if (one.width) parts.push(`${one.width}×${one.height}`);
  if (one.bitrate) parts.push(rate(one.bitrate));
  if (one.frame_rate) parts.push(`${one.frame_rate.toFixed(0)}/s`);
  if (one.dropped !== undefined) parts.push(`${t("dropped")} ${one.dropped}`);
  if (one.delay !== undefined) parts.push(`${t("delay")} ${Math.round(one.delay)} ms`);
  return parts.join(" · ");
}

function drawFailure(node, one) {
  const failure = one.failure;
  setText(node, failure ? `${failure.time ? `${clockTime(failure.time)} ` : ""}${failure.message}` : "");
  node.className = one.state === "live" ? "failure past" : "failure";
}

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
      element("p", { className: "facts" }), element("p", { className: "failure" }), element("code")));
  tile.dataset.part = part;
  tile.picture = new Picture(video, `/play/${state.chosen}/${part}/index.m3u8`, (shows) => {
    message.hidden = shows;
  });
  return tile;
}

function programFacts({ outputs, told }) {
  const live = list(outputs).filter((output) => output.state === "live").length;
  return told ? t("live_of", live, list(outputs).length) : "";
}

function drawTile(tile, { part, input, project }) {
  const working = project.status === "working";
  const active = working && project.active === part;
  const [state_, button] = tile.querySelectorAll(".row span, .row button");
  tile.classList.toggle("active", active);
  button.hidden = part === "output" || !working || active;
  if (part === "output") badge(state_, t(working ? "working" : "idle"), working ? "air" : "");
  else if (active) badge(state_, t("on_air"), "air");
  else badge(state_, input.state ? t(`state_${input.state}`) : "", tones[input.state]);
  state_.hidden = !state_.textContent;
  setText(tile.querySelector(".facts"), input ? facts(input) : programFacts(project));
  drawFailure(tile.querySelector(".failure"), input ?? {});
  setText(tile.querySelector("code"), input ? (input.kind === "push" ? t("source_push") : input.url ?? "") : "");
  tile.picture.play(part !== "output" || working);
  if (part === "output" && !working) setText(tile.querySelector(".screen p"), t("no_picture"));
  else setText(tile.querySelector(".screen p"), t("waiting_picture"));
}

function drawPictures(project) {
  const inputs = list(project.inputs).filter((input) => input.kind !== "source");
  const tiles = inputs.map((input) => ({ part: input.key, input, project }));
  tiles.push({ part: "output", project });
  reconcile($("pictures"), tiles, (tile) => `${project.id} ${tile.part}`, makeTile, drawTile);
  const sources = list(project.inputs).filter((input) => input.kind === "source");
  reconcile($("sources"), sources, (source) => source.key, (source) => {
    const button = element("button", { type: "button", textContent: t("switch") });
    button.addEventListener("click", () => act("switch", { to: source.key }, button));
    return element("li", { className: "card" }, element("code"), button);
  }, (item, source) => {
    const active = project.status === "working" && project.active === source.key;
    setText(item.firstChild, `${active ? "▶ " : ""}${source.url ?? source.key}`);
    item.lastChild.hidden = project.status !== "working" || active;
  });
  $("not-told").hidden = project.status !== "working" || project.told;
}

function makeOutput(output) {
  const button = element("button", { type: "button", textContent: t("remove") });
  button.setAttribute("aria-label", `${t("remove")}: ${output.name ?? output.id}`);
  button.addEventListener("click", async () => {
    if (await confirmed(t("confirm_remove", output.name ?? output.id), t("remove"))) {
      act("remove_output", { id: output.id }, button);
    }
  });
  return element("li", {}, element("div", {}, element("strong"), element("code")), element("span"), button,
    element("p", { className: "facts" }), element("p", { className: "failure" }));
}

function drawOutputs(project) {
  const outputs = list(project.outputs);
  $("no-outputs").hidden = outputs.length > 0;
  reconcile($("outputs"), outputs, (output) => output.id, makeOutput, (item, output) => {
    setText(item.querySelector("strong"), output.name || output.id);
    setText(item.querySelector("code"), output.url ?? "");
    const [, state_] = item.children;
    state_.hidden = !output.state;
    badge(state_, output.state ? t(`state_${output.state}`) : "", tones[output.state]);
    setText(item.querySelector(".facts"), output.state === "live" || output.dropped ? facts(output) : "");
    drawFailure(item.querySelector(".failure"), output);
  });
}

function drawEvents(project) {
  const events = state.events.filter((event) => event.project === project.id);
  $("no-events").hidden = events.length > 0;
  reconcile($("events"), events, (e) => `${e.time} ${e.status} ${e.endpoint ?? ""} ${e.output ?? ""}`,
    () => element("li", {}, element("time"), element("span")), (item, e) => {
      setText(item.firstChild, clockTime(e.time));
      const what = [t(`event_${e.status}`), e.endpoint && t(e.endpoint), e.output, e.reason].filter(Boolean);
      setText(item.lastChild, what.join(" · "));
      item.lastChild.className = e.status.endsWith("interrupted") ? "bad" : "";
    });
}

function drawClock() {
  const project = chosen();
  if (!project) return;
  const { status, stop_at: stopAt, started_at: startedAt } = project;
  const working = status === "working";
  $("clock-bar").hidden = !(working && stopAt && startedAt);
  if (working && stopAt) {
    setText($("clock-label"), t("stops_in"));
    setText($("clock"), duration(stopAt - now()));
    if (startedAt) $("clock-bar").value = Math.min(1, (now() - startedAt) / (stopAt - startedAt));
  } else {
    setText($("clock-label"), working && startedAt ? t("on_air_for") : "");
    setText($("clock"), working ? (startedAt ? duration(now() - startedAt) : t("no_stop")) : "");
  }
}

function drawHead(project) {
  const working = project.status === "working";
  setText($("name"), project.name ?? project.id);
  setText($("owner"), project.owner ?? "");
  setText($("id"), project.id);
  badge($("status"), t(project.status ?? "idle"), working ? "air" : "");
  $("start").hidden = working;
  $("stop").hidden = $("set-stop").hidden = !working;
  $("delete").hidden = working;
  const filled = `${project.id} ${project.status} ${project.stop_at ?? ""}`;
  if (state.filled !== filled) { // what somebody is about to type stays
    state.filled = filled;
    $("stop-at").value = localTime(working && project.stop_at ? project.stop_at : now() + 2 * 3600);
  }
  drawClock();
}

function draw() {
  drawList();
  const project = chosen();
  $("choose").hidden = Boolean(project);
  $("detail").hidden = !project;
  document.title = project ? `${project.name} · ${t("title")}` : t("title");
  if (!project) return reconcile($("pictures"), [], String, null, null);
  drawHead(project);
  drawPictures(project);
  drawOutputs(project);
  drawEvents(project);
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
$("stop").addEventListener("click", async () => {
  if (await confirmed(t("confirm_stop", chosen().name), t("stop"))) act("stop", {}, $("stop"));
});
$("delete").addEventListener("click", async () => {
  if (await confirmed(t("confirm_delete", chosen().name), t("delete"))) act("delete", {}, $("delete"));
});
$("add-output").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const { name, url } = Object.fromEntries(new FormData(form));
  if (await act("add_output", { name, url }, form.querySelector("button"))) form.reset();
});

$("new").addEventListener("click", () => $("create").showModal());
$("create").querySelector("button[value=cancel]").addEventListener("click", () => $("create").close());
$("create").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target, problem = form.querySelector(".problem"), button = form.querySelector(".primary");
  const { name, input, backup, output_name, output_url } = Object.fromEntries(new FormData(form));
  setText(problem, "");
  button.disabled = true;
  try {
    const { id } = await post("/projects", { name, input, backup, outputs: [{ name: output_name, url: output_url }] });
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

// ---- what comes

const handlers = {
  now: (seconds) => { state.skew = seconds - Date.now() / 1000; },
  project: (project) => state.projects.set(project.id, project),
  order: (ids) => {
    state.order = list(ids);
    for (const id of state.projects.keys()) if (!state.order.includes(id)) state.projects.delete(id);
    if (!state.chosen && state.order.length) state.chosen = state.order[0];
  },
  events: (events) => { state.events = list(events); },
  trouble: (trouble) => {
    $("trouble").hidden = !trouble;
    setText($("trouble"), trouble?.message ?? "");
  },
  over: leave,
};

const source = new EventSource("/events");
for (const [name, handle] of Object.entries(handlers)) {
  source.addEventListener(name, (event) => {
    handle(JSON.parse(event.data));
    draw();
  });
}
source.addEventListener("open", () => badge($("link"), t("connected"), "good"));
source.addEventListener("error", async () => {
  badge($("link"), t("lost"), "bad");
  if (source.readyState === EventSource.CLOSED) leave(); // refused: the session is over
});
setInterval(drawClock, 1000);
