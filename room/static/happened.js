// SPDX-License-Identifier: MIT
// What happened to a broadcast: the history of the service, where it tells, and what comes by the stream meanwhile.

import { $, clockTime, element, reconcile, setText, t } from "./dom.js";

const MOST = 60; // events shown
const AGAIN = 5000; // ms until a history that could not be read is asked for again
const histories = new Map(); // by project: { of, events, offered }

// The history is asked for again when the service has changed something about the project.
const version = (project) => [project.updated_at, project.status, project.active, project.stop_at].join(" ");

async function fetchHistory(project, changed) {
  const known = histories.get(project.id) ?? { events: [], offered: false };
  histories.set(project.id, { ...known, of: version(project) });
  try {
    const response = await fetch(`/projects/${encodeURIComponent(project.id)}/history`);
    if (!response.ok) throw new Error(response.status);
    const { offered, events } = await response.json();
    Object.assign(histories.get(project.id), { offered, events: events ?? [] });
    changed();
  } catch {
    setTimeout(() => { histories.get(project.id).of = null; }, AGAIN);
  }
}

const isOfParts = (event) => /_(interrupted|recovered)$|^(slate|look|uplink|merge|recording|standby)_/.test(event.status);

// The newest first. The service's history has what was done; the stream has the parts, and all where there is none.
function merged(project, pushed) {
  const { events, offered } = histories.get(project.id) ?? {};
  const own = pushed.filter((event) => event.project === project.id && (!offered || isOfParts(event)));
  return [...own, ...(offered ? events : [])].sort((a, b) => b.time - a.time).slice(0, MOST);
}

const TONES = [[/_interrupted$|^look_wrong$|^uplink_full$|^recording_failed$|^merge_(far|different)$/, "mark bad"],
  [/^slate_on$|^merge_(alone|repeats)$|^standby_(missing|starting)$/, "mark warn"],
  [/_recovered$|^slate_off$|^look_right$|^uplink_free$|^merge_aligned$|^recording_works$|^standby_warm$/, "mark good"]];
const toneOf = (status) => TONES.find(([pattern]) => pattern.test(status))?.[1] ?? "";

/** Draws the events of a project. */
export function drawEvents(project, pushed, changed) {
  if (histories.get(project.id)?.of !== version(project)) fetchHistory(project, changed);
  const events = merged(project, pushed);
  $("no-events").hidden = events.length > 0;
  reconcile($("events"), events, (e) => `${e.time} ${e.status} ${e.endpoint ?? ""} ${e.output ?? ""}`,
    () => element("li", {}, element("time"), element("span")), (item, e) => {
      setText(item.firstChild, clockTime(e.time));
      const what = [t(`event_${e.status}`), e.endpoint && t(e.endpoint), e.output, e.look && t(`look_${e.look}`), e.reason].filter(Boolean);
      setText(item.lastChild, what.join(" · "));
      item.lastChild.className = toneOf(e.status);
    });
}
