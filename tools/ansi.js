// SPDX-License-Identifier: MIT
// node ansi.js TEXT PNG: a picture of what a terminal showed, from its text with colours (tmux capture-pane -e -p), in
// the Chromium of CHROMIUM.

const fs = require("fs");
const { chromium } = require("playwright-core");

const COLOURS = ["#1b1f27", "#e5484d", "#3fb96b", "#d9a63a", "#5b8cff", "#b77de0", "#35b5c4", "#d7dbe3",
  "#6b7382", "#ff7b80", "#6fdc96", "#f0c765", "#8fb0ff", "#d3a4f2", "#6fd6e2", "#ffffff"];

function palette(n) {
  if (n < 16) return COLOURS[n];
  if (n > 231) return `rgb(${Array(3).fill(8 + (n - 232) * 10)})`;
  const part = (i) => (i ? 55 + i * 40 : 0);
  return `rgb(${[part(Math.floor((n - 16) / 36)), part(Math.floor((n - 16) / 6) % 6), part((n - 16) % 6)]})`;
}

// 38;5;N or 38;2;R;G;B: the colour, and how many numbers it took.
function extended(codes, i) {
  if (codes[i + 1] === 5) return [palette(codes[i + 2]), 2];
  return [`rgb(${codes.slice(i + 2, i + 5)})`, 4];
}

function apply(style, codes) {
  for (let i = 0; i < codes.length; i++) {
    const n = codes[i];
    if (n === 0) Object.keys(style).forEach((key) => delete style[key]);
    else if (n === 1) style.bold = true;
    else if (n === 2) style.dim = true;
    else if (n === 4) style.line = true;
    else if (n === 7) style.reverse = true;
    else if (n === 22) style.bold = style.dim = false;
    else if (n === 24) style.line = false;
    else if (n === 27) style.reverse = false;
    else if (n === 38 || n === 48) {
      const [colour, took] = extended(codes, i);
      style[n === 38 ? "ink" : "ground"] = colour;
      i += took;
    } else if (n === 39) style.ink = null;
    else if (n === 49) style.ground = null;
    else if (n >= 30 && n <= 37) style.ink = COLOURS[n - 30];
    else if (n >= 40 && n <= 47) style.ground = COLOURS[n - 40];
    else if (n >= 90 && n <= 97) style.ink = COLOURS[n - 82];
    else if (n >= 100 && n <= 107) style.ground = COLOURS[n - 92];
  }
}

function css({ ink = null, ground = null, bold, dim, line, reverse }) {
  const [front, back] = reverse ? [ground ?? "#14171d", ink ?? "#d7dbe3"] : [ink, ground];
  return `${front ? `color:${front};` : ""}${back ? `background:${back};` : ""}${bold ? "font-weight:700;" : ""}`
    + `${dim ? "opacity:.6;" : ""}${line ? "text-decoration:underline;" : ""}`;
}

function html(text) {
  const style = {};
  return text.split(/(\x1b\[[\d;]*m)/).map((part) => {
    const codes = part.match(/^\x1b\[([\d;]*)m$/);
    if (codes) {
      apply(style, codes[1].split(";").map(Number));
      return "";
    }
    const escaped = part.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
    return escaped && `<span style="${css(style)}">${escaped}</span>`;
  }).join("");
}

async function main([from, to]) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
    await page.setContent(`<body style="margin:0"><pre style="display:inline-block;margin:0;padding:18px 22px;background:#14171d;
      color:#d7dbe3;font:14px/1.35 'DejaVu Sans Mono','Noto Sans Mono CJK SC',monospace">${html(fs.readFileSync(from, "utf8").trimEnd())}</pre>`);
    await page.locator("pre").screenshot({ path: to });
  } finally {
    await browser.close();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.stack);
  process.exit(1);
});
