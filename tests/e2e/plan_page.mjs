// SPDX-License-Identifier: GPL-3.0-or-later
// Looks at pages of plans in a browser: plan_page.mjs PLAN HOSTILE UNREACHABLE PICTURE.
// PICTURE is where a screenshot goes. CHROMIUM names the browser; playwright-core is found
// through NODE_PATH.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { chromium } = createRequire(import.meta.url)("playwright-core");
const [plan, hostile, unreachable, picture] = process.argv.slice(2);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu"],
});

// Opens a page; anything that it loads, logs, asks or throws is a failure.
async function open(file, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const trouble = [];
  page.on("pageerror", (e) => trouble.push(`error: ${e.message}`));
  page.on("console", (m) => trouble.push(`console: ${m.text()}`));
  page.on("dialog", (d) => { trouble.push(`dialog: ${d.message()}`); d.dismiss(); });
  page.on("request", (r) => {
    if (!r.url().startsWith("file://") || r.resourceType() !== "document") trouble.push(`request: ${r.url()}`);
  });
  await page.goto(pathToFileURL(file).href);
  return { page, trouble, close: async () => { assert.deepEqual(trouble, []); await context.close(); } };
}

const shown = (page) => page.$eval("#view svg", (s) => s.getAttribute("viewBox").split(" ").map(Number));
const chosen = (page) => page.$$eval(".n.chosen", (all) => all.map((n) => n.dataset.version).join(" "));

async function finds(page) {
  await page.keyboard.press("/");
  await page.keyboard.type("4.17.24");
  assert.equal(await page.$eval("#found", (o) => o.value), "1 found");
  await page.keyboard.press("Enter");
  assert.equal(await chosen(page), "4.17.24");
  assert.match(await page.textContent("#chosen"), /^4\.17\.24, on the path; in stable-4\.1/);
  assert.match(await page.textContent("#chosen"), /4\.18\.9, conditional: SlowStartAfterUpdate/);
  assert.ok(await page.$$eval(".e.hot", (all) => all.length) > 0);
  await page.fill("#find", "9.9");
  assert.equal(await page.$eval("#found", (o) => o.value), "not drawn");
  await page.keyboard.press("Escape");
  assert.equal(await page.inputValue("#find"), "");
  assert.equal(await chosen(page), "");
}

async function filters(page) {
  const drawn = () => page.$$eval(".e", (all) => all.filter((e) => !e.classList.contains("gone") &&
    e.dataset.from).length);
  const all = await drawn();
  await page.selectOption("#channel", "stable-4.17");
  assert.ok(await drawn() < all);
  const off = await page.$$eval(".n.off", (nodes) => nodes.map((n) => n.dataset.channels));
  assert.ok(off.length > 0 && off.every((c) => !c.split(" ").includes("stable-4.17")));
  await page.selectOption("#channel", "");
  assert.equal(await drawn(), all);
  await page.uncheck("#risky");
  assert.equal(await page.$$eval(".e.cond[data-from]:not(.gone)", (e) => e.length), 0);
  await page.check("#risky");
  assert.equal(await drawn(), all);
}

async function zooms(page) {
  await page.focus("#view");
  const before = await shown(page);
  for (let i = 0; i < 8; i++) await page.keyboard.press("+");
  const near = await shown(page);
  assert.ok(near[2] < before[2] && near[3] < before[3]);
  await page.keyboard.press("Shift+ArrowRight");
  assert.ok((await shown(page))[0] > near[0]);
  await page.keyboard.press("0");
  const whole = await shown(page);
  const [width, height] = await page.$eval("#view svg", (s) =>
    [Number(s.getAttribute("width")), Number(s.getAttribute("height"))]);
  assert.ok(whole[0] <= 0 && whole[1] <= 0 && whole[2] >= width - 1 && whole[3] >= height - 1);
  for (let i = 0; i < 8; i++) await page.click("#in");
  assert.ok((await shown(page))[2] < whole[2]);
  const at = await page.$eval("#view", (v) => { const r = v.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; });
  const still = await shown(page);
  await page.mouse.move(...at);
  await page.mouse.down();
  await page.mouse.move(at[0] - 60, at[1], { steps: 4 });
  await page.mouse.up();
  assert.notDeepEqual(await shown(page), still);
  assert.equal(await chosen(page), ""); // dragging chooses nothing
}

async function walksByKeys(page) {
  const scale = await page.$eval("#view svg", (s) => s.getScreenCTM().a);
  assert.ok(scale <= 1.01, `boxes are drawn ${scale} times as large`);
  await page.focus("#view");
  await page.keyboard.press("ArrowDown");
  const first = await chosen(page);
  assert.equal(first, "4.17.20"); // the start
  await page.keyboard.press("ArrowDown");
  const second = await chosen(page);
  assert.notEqual(second, first);
  await page.keyboard.press("ArrowUp");
  assert.notEqual(await chosen(page), second);
  await page.keyboard.press("Escape");
  await page.click('.n[data-version="4.18.12"]');
  assert.equal(await chosen(page), "4.18.12");
  assert.match(await page.textContent("#chosen"), /the target/);
}

// Everything that can be used is reached by Tab alone, and has a name.
async function tabs(page) {
  await page.evaluate(() => document.activeElement.blur());
  const seen = new Set();
  for (let i = 0; i < 80 && !(seen.has("view") && seen.has("find")); i++) {
    await page.keyboard.press("Tab");
    seen.add(await page.evaluate(() => document.activeElement.id));
  }
  for (const id of ["find", "channel", "risky", "at", "in", "out", "fit", "wide", "view"]) {
    const visible = await page.isVisible(`#${id}`);
    assert.ok(!visible || seen.has(id), `Tab does not reach #${id}`);
  }
  const nameless = await page.$$eval("input, select, button, .view", (all) => all.filter((e) =>
    !e.labels?.length && !e.textContent.trim() && !e.ariaLabel).map((e) => e.id));
  assert.deepEqual(nameless, []);
}

async function hasContrast(page) {
  const [text, ground] = await page.evaluate(() => ["color", "backgroundColor"].map((k) => getComputedStyle(document.body)[k]));
  const light = (c) => c.match(/\d+/g).slice(0, 3).map(Number).map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const [a, b] = [light(text), light(ground)].sort((x, y) => y - x);
  assert.ok((a + 0.05) / (b + 0.05) > 7, `${text} on ${ground}`);
  return light(ground);
}

{
  const { page, close } = await open(plan, { colorScheme: "light" });
  await finds(page);
  await filters(page);
  await zooms(page);
  await page.reload();
  await walksByKeys(page);
  await tabs(page);
  assert.ok(await hasContrast(page) > 0.5);
  await page.screenshot({ path: picture, fullPage: true });
  await close();
}
{
  const { page, close } = await open(plan, { colorScheme: "dark" });
  assert.ok(await hasContrast(page) < 0.1);
  await close();
}
{ // a small window: the text does not run out of it
  const { page, close } = await open(plan, { viewport: { width: 380, height: 700 } });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 380);
  await close();
}
{
  const { page, close } = await open(plan, { javaScriptEnabled: false });
  assert.match(await page.textContent("#path"), /4\.17\.24.*4\.18\.9.*4\.18\.12/s);
  assert.match(await page.textContent("#risks"), /SlowStartAfterUpdate/);
  assert.ok(await page.isVisible('.n[data-version="4.18.12"]'));
  assert.ok(!await page.isVisible("#find"));
  await close();
}
{ // nothing runs, nothing is loaded (open() watches), and what was meant to stays text
  const { page, close } = await open(hostile);
  assert.equal(await page.$$eval("script", (all) => all.length), 1);
  assert.equal(await page.$$eval("img, iframe, svg[onload], b", (all) => all.length), 0);
  assert.match(await page.textContent("#risks"), /<script>alert\('name'\)<\/script>/);
  const links = await page.$$eval("a[href]", (all) => all.map((a) => a.getAttribute("href")));
  assert.ok(links.length > 0 && links.every((l) => /^(#|https?:)/.test(l)), links.join(" "));
  for (const version of ["4.1.0", "4.1.1", "4.1.2"]) {
    await page.click(`.n[data-version="${version}"]`);
    const made = await page.$$eval("#chosen a", (all) => all.map((a) => a.href));
    assert.deepEqual(made, version === "4.1.2" ? ["https://errata.example/4.1.2"] : []);
  }
  assert.equal(await page.$$eval("#chosen script, #chosen img, #chosen b", (all) => all.length), 0);
  await close();
}
{
  const { page, close } = await open(unreachable);
  assert.match(await page.textContent("h1"), /^No path from/);
  assert.ok(await page.isVisible("#why"));
  await close();
}
await browser.close();
