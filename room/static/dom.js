// SPDX-License-Identifier: MIT
// Small things that every part of the page uses: elements, texts, times.

export const $ = (id) => document.getElementById(id);

const texts = JSON.parse($("texts").textContent);
const locale = document.documentElement.lang === "zh" ? "zh-CN" : "en-GB";

/** A text in the reader's language; a state that nobody has named yet shows as it is. */
export const t = (key, ...values) =>
  values.reduce((text, value) => text.replace("%s", () => value), texts[key] ?? key.replace(/^[a-z]+_/, ""));

/** An empty Lua table may arrive as {}. */
export const list = (value) => (Array.isArray(value) ? value : []);

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A word with a tone: good, warn, bad, air, off. Each tone has a shape of its own, too (room.css). */
export function badge(node, text, tone = "") {
  setText(node, text);
  node.className = `badge ${tone}`.trim();
  node.hidden = !text;
}

/** Gives a parent one child for each item, in order, and keeps those that stay. */
export function reconcile(parent, items, key, make, update) {
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

export function duration(seconds) {
  const s = Math.max(0, Math.round(seconds));
  const two = (n) => String(n).padStart(2, "0");
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

export const clockTime = (seconds) => new Date(seconds * 1000).toLocaleTimeString(locale);

export const rate = (kbps) => (kbps >= 1000 ? `${(kbps / 1000).toFixed(1)} Mbit/s` : `${Math.round(kbps)} kbit/s`);

/** What a datetime-local field takes: this machine's time without an offset. */
export function localTime(seconds) {
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
}
