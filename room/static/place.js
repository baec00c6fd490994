// SPDX-License-Identifier: MIT
// Where a destination is (pages/destination.html): a URL, or a platform with its server and stream key. The fields
// follow the platform that is picked. A key leaves the page once, with the form; nothing brings it back.

import { $, element, setText, t } from "./dom.js";
import { filled } from "./actions.js";

const OTHER = "other"; // a platform that is not in the list: by its server

const platforms = new Map(JSON.parse($("platforms").textContent).map((platform) => [platform.name, platform]));

function show(field, shows) {
  field.closest("p").hidden = field.disabled = !shows;
}

function hint(platform, keeps) {
  const first = platform?.where ? t("where_key", platform.where) : keeps ? t("keeps_url") : "";
  return `${first} ${t("destination_hint")}`.trim();
}

// Shows what the platform that is picked needs. Where `keeps`, an empty URL leaves the old one.
function draw(form) {
  const { output_platform: picked, output_url: url, output_server: server, output_key: key } = form.elements;
  const platform = platforms.get(picked.value), whole = picked.value === "", keeps = "keeps" in form.dataset;
  show(url, whole);
  show(server, !whole);
  show(key, !whole);
  url.required = !keeps;
  server.required = !platform || Boolean(platform.choose);
  server.placeholder = server.required ? t("server_shown") : platform.servers[0];
  server.list.replaceChildren(...(platform?.servers ?? []).map((value) => element("option", { value })));
  setText(form.querySelector(".place small"), hint(platform, whole && keeps));
}

/** Fills the list of platforms, and has the fields follow it. */
export function followPlatform(form) {
  const { output_platform: picked, output_server: server } = form.elements;
  for (const { name, title } of platforms.values()) picked.append(element("option", { value: name, textContent: title }));
  picked.append(element("option", { value: OTHER, textContent: t("platform_other") }));
  picked.addEventListener("change", () => {
    server.value = "";
    draw(form);
  });
  form.addEventListener("reset", () => setTimeout(() => draw(form))); // the fields are empty after the event
  form.closest("dialog")?.addEventListener("close", () => {
    for (const name of ["output_url", "output_key"]) form.elements[name].value = "";
  });
  draw(form);
}

/** The destination that a form has. */
export function destination(form) {
  const { output_name: name, output_platform: platform, output_url: url, output_server: server, output_key: key } =
    filled(form);
  if (!platform) return { name, url: url.trim() };
  return { name, platform: platform === OTHER ? "" : platform, server: server.trim(), key: key.trim() };
}
