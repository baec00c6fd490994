// SPDX-License-Identifier: MIT
// What room_page.js plays.

const assert = require("assert");

// Whether all of `inner` lies within `outer`, and the document within the window.
async function lies_within(page, inner, outer) {
  const [a, b] = [await page.locator(inner).boundingBox(), await page.locator(outer).boundingBox()];
  assert.ok(a.x >= b.x && a.x + a.width <= b.x + b.width && a.y >= b.y && a.y + a.height <= b.y + b.height,
    `${inner} hangs out of ${outer}: ${JSON.stringify([a, b])}`);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page scrolls sideways");
}

module.exports = {
  async login({ page, server }) {
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto(`${server.url}/login`);
      for (const part of ["h1", "#password", "button", "a"]) await lies_within(page, `main ${part}`, "main");
      const { height } = await page.locator("main").boundingBox();
      assert.ok(height < 480, `the card is ${height} px high`);
    }
  },
};
