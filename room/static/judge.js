// SPDX-License-Identifier: MIT
// What is well and what is not: tones, counts, the order of the list. Pure.

import { list } from "./dom.js";

export const SILENT = 2.5; // s without an answer after which the service is said to be silent
export const STALE = 3; // s: three looks

const TONES = {
  live: "good", working: "good", connecting: "warn", starting: "warn", waiting: "warn", stalled: "bad", backoff: "bad",
  refused: "bad", fenced: "bad", down: "bad", failed: "bad", stopped: "off",
};

// A part keeps its failure after it is live again, and leaves `live` only with a new one: on its way with a failure it has
// not been live since, and is no better for being tried again.
const isRetrying = (part) => TONES[part.state] === "warn" && Boolean(part.failure);

/** How an input does: its tone, and the text for it, "" for none. */
export function verdict(part) {
  if (isRetrying(part)) return { tone: "bad", text: "state_retrying" };
  return { tone: TONES[part.state] ?? "", text: part.state ? `state_${part.state}` : "" };
}

/** Whether a destination was taken off the air. */
export const isOff = (output) => output.enabled === false || output.state === "stopped";

export const isOnAir = (project) => project.status === "working";

/** Whether the input that is on the air has no picture. */
export const inputDown = (project) =>
  isOnAir(project) && list(project.inputs).some((input) => input.key === project.active && verdict(input).tone === "bad");

/** Whether the destinations get the slate in place of an input. */
export const onSlate = (project) => isOnAir(project) && project.on_slate === true;

/** Whether no input gives the destinations a picture. */
export const withoutInput = (project) => inputDown(project) || onSlate(project);

/** How a destination does. One that is connected while the input is down sends nothing: not its fault, and not well. */
export function outputVerdict(output, project) {
  if (isOff(output)) return { tone: "off", text: "off_air" };
  if (!isOnAir(project)) return { tone: "", text: "" };
  const own = verdict(output);
  if (own.tone === "good" && onSlate(project)) return { tone: "warn", text: "state_slate" };
  return own.tone === "good" && inputDown(project) ? { tone: "warn", text: "state_starved" } : own;
}

/** The destinations of a project that fail. */
export const failing = (project) =>
  list(project.outputs).filter((output) => outputVerdict(output, project).tone === "bad");

/** What is wrong for viewers or shown by an input, of the parts that otherwise work. */
export const wrongLooks = (project) => (isOnAir(project) ? [...list(project.inputs), ...list(project.outputs)] : [])
  .filter((part) => part.look?.good === false && verdict(part).tone !== "bad" && !isOff(part));

/** How what is seen is to be shown: its tone, and the text for it. */
export function lookVerdict(look) {
  if (look.good === false) return { tone: "bad", text: `look_${look.state}` };
  return look.good ? { tone: "good", text: `look_${look.state}` } : { tone: "", text: "look_unknown" };
}

/** What is wrong now, in all projects: of whom, what, since when, and the picture that raised it. */
export function alarms(projects) {
  return projects.filter(isOnAir).flatMap((project) => {
    const of = (part, about, more) => ({ key: `${project.id} ${about} ${part.key ?? part.id}`, project, part, about, ...more });
    const down = list(project.inputs).filter((input) => verdict(input).tone === "bad");
    return [...down, ...failing(project)].map((part) => of(part, "part", { failure: part.failure, since: part.since }))
      .concat(wrongLooks(project).map((part) => of(part, "look", { look: part.look, since: part.look.since })),
        onSlate(project) ? [of({ id: "slate" }, "slate")] : [],
        project.uplink_full ? [of({ id: "uplink" }, "uplink")] : [],
        ["far", "different", "repeats"].includes(project.merge) ? [of({ id: project.merge }, "merge")] : [],
        ["backoff", "refused"].includes(project.recording)
          ? [of({ id: "recording" }, "recording", { failure: project.recording_failure })] : []);
  });
}

/** Whether a project needs somebody. */
export const inTrouble = (project) => failing(project).length > 0 || withoutInput(project) || wrongLooks(project).length > 0;

/** Counts over all projects. */
export function count(projects) {
  const onAir = projects.filter(isOnAir);
  const verdicts = onAir.flatMap((project) => list(project.outputs).map((output) => outputVerdict(output, project)));
  const of = (name) => verdicts.filter(({ tone }) => tone === name).length;
  const said = (name) => verdicts.filter(({ text }) => text === name).length;
  const [starved, slate] = [said("state_starved"), said("state_slate")];
  return { onAir: onAir.length, live: of("good"), starting: of("warn") - starved - slate, starved, slate,
    failing: of("bad"), inputs: onAir.filter(withoutInput).length,
    looks: onAir.flatMap(wrongLooks).length };
}

/** What is on the air comes first; within that the order stays, so that nothing jumps while somebody reaches for it. */
export const sorted = (projects) => [...projects.filter(isOnAir), ...projects.filter((project) => !isOnAir(project))];

export const FILTERS = { all: () => true, air: isOnAir, failing: inTrouble };

/** Those that a filter and a word of the name leave. */
export function filtered(projects, filter, word) {
  const wanted = word.trim().toLowerCase();
  return projects.filter((project) => FILTERS[filter](project)
    && (project.name ?? project.id).toLowerCase().includes(wanted));
}

/** For how long a project was not told about; 0: it is told. */
export const staleFor = (project, now) => (project.stale_since ? Math.max(0, now - project.stale_since) : 0);
