// SPDX-License-Identifier: MIT
// What is well and what is not: tones, counts, the order of the list. Pure.

import { list } from "./dom.js";

export const SILENT = 2.5; // s without an answer after which the service is said to be silent
export const STALE = 3; // s: three looks

const TONES = {
  live: "good", working: "good", connecting: "warn", starting: "warn", waiting: "warn", stalled: "bad", backoff: "bad",
  refused: "bad", down: "bad", failed: "bad", stopped: "off",
};

/** The tone of a part's state. */
export const tone = (state) => TONES[state] ?? "";

/** Whether a destination was taken off the air. */
export const isOff = (output) => output.enabled === false || output.state === "stopped";

export const isOnAir = (project) => project.status === "working";

/** The destinations of a project that should have picture and have none. */
export const failing = (project) =>
  isOnAir(project) ? list(project.outputs).filter((output) => !isOff(output) && tone(output.state) === "bad") : [];

/** Whether the input that is on the air has no picture. */
export const inputDown = (project) =>
  isOnAir(project) && list(project.inputs).some((input) => input.key === project.active && tone(input.state) === "bad");

/** Whether a project needs somebody. */
export const inTrouble = (project) => failing(project).length > 0 || inputDown(project);

/** Counts over all projects. */
export function count(projects) {
  const onAir = projects.filter(isOnAir);
  const outputs = onAir.flatMap((project) => list(project.outputs)).filter((output) => !isOff(output));
  const of = (name) => outputs.filter((output) => tone(output.state) === name).length;
  return { onAir: onAir.length, live: of("good"), starting: of("warn"), failing: of("bad"),
    inputs: onAir.filter(inputDown).length };
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
