"use strict";
// The text of the page needs no script. This makes the graph one to look around in. All
// that it shows is taken from attributes and put back as text, never as markup.
(() => {
  const view = document.getElementById("view");
  if (!view) return;
  const svg = view.querySelector("svg");
  const nodes = [...svg.querySelectorAll(".n")];
  const edges = [...svg.querySelectorAll(".e")];
  const find = document.getElementById("find");
  const found = document.getElementById("found");
  const channel = document.getElementById("channel");
  const chosenBox = document.getElementById("chosen");
  const byVersion = new Map(nodes.map((n) => [n.dataset.version, n]));
  const full = { w: svg.viewBox.baseVal.width, h: svg.viewBox.baseVal.height };
  let box = { x: 0, y: 0, w: full.w, h: full.h }; // the part that is shown
  let chosen = null;
  let hits = [];
  let hitAt = -1;

  document.documentElement.classList.add("live");
  document.querySelector(".tools").hidden = false;
  document.getElementById("keys").hidden = false;

  // ---- what part is shown ----

  const clamp = (v, low, high) => Math.min(Math.max(v, low), Math.max(low, high));

  function show(next) {
    const shape = view.clientHeight / view.clientWidth;
    const w = clamp(next.w, 120, Math.max(full.w, full.h / shape));
    const h = w * shape;
    const middle = (have, all) => (have > all ? (all - have) / 2 : null);
    box = {
      w, h,
      x: middle(w, full.w) ?? clamp(next.x, 0, full.w - w),
      y: middle(h, full.h) ?? clamp(next.y, 0, full.h - h),
    };
    svg.setAttribute("viewBox", `${box.x} ${box.y} ${box.w} ${box.h}`);
  }

  function zoom(factor, atX = 0.5, atY = 0.5) {
    const w = clamp(box.w * factor, 120, Infinity);
    const shape = box.h / box.w;
    show({ w, x: box.x + (box.w - w) * atX, y: box.y + (box.h - w * shape) * atY });
  }

  const fit = () => show({ x: 0, y: 0, w: Infinity });
  const fitWidth = () => show({ x: 0, y: box.y, w: full.w });
  const move = (dx, dy) => show({ ...box, x: box.x + dx * box.w, y: box.y + dy * box.h });

  function place(node) {
    const r = node.querySelector("rect");
    const at = (name) => Number(r.getAttribute(name));
    return { x: at("x") + at("width") / 2, y: at("y") + at("height") / 2 };
  }

  function bringIntoView(node) {
    const p = place(node);
    const inside = (v, from, length) => v > from + length * 0.1 && v < from + length * 0.9;
    if (!inside(p.x, box.x, box.w) || !inside(p.y, box.y, box.h))
      show({ ...box, x: p.x - box.w / 2, y: p.y - box.h / 2 });
  }

  // ---- one release ----

  function item(edge, version) {
    const li = document.createElement("li");
    const title = edge.querySelector("title").textContent;
    const at = title.indexOf(", conditional: ");
    li.textContent = version + (at < 0 ? "" : title.slice(at));
    return li;
  }

  function list(heading, items) {
    if (!items.length) return;
    const h = document.createElement("h3");
    h.textContent = heading;
    const ul = document.createElement("ul");
    ul.append(...items);
    chosenBox.append(h, ul);
  }

  function describe(node) {
    const d = node.dataset;
    const p = document.createElement("p");
    const name = document.createElement("strong");
    name.textContent = d.version;
    p.append(name, d.note + (d.channels ? "; in " + d.channels.split(" ").join(", ") : ""));
    if (d.url && /^https?:\/\//i.test(d.url)) {
      const a = document.createElement("a");
      a.href = d.url;
      a.rel = "noreferrer";
      a.textContent = "advisory";
      p.append(" ", a);
    }
    chosenBox.append(p);
    list("Drawn updates from it", edges.filter((e) => e.dataset.from === d.version)
      .map((e) => item(e, e.dataset.to)));
    list("Drawn updates to it", edges.filter((e) => e.dataset.to === d.version)
      .map((e) => item(e, e.dataset.from)));
  }

  function choose(node) {
    if (chosen) chosen.classList.remove("chosen");
    chosen = node;
    chosenBox.replaceChildren();
    svg.classList.toggle("choosing", !!node);
    for (const e of edges)
      e.classList.toggle("hot", !!node &&
        (e.dataset.from === node.dataset.version || e.dataset.to === node.dataset.version));
    if (!node) return;
    node.classList.add("chosen");
    bringIntoView(node);
    describe(node);
  }

  // The nearest release that lies more in this direction than beside it.
  function step(dx, dy) {
    if (!chosen) return choose(svg.querySelector(".n.end") || nodes[0]);
    const from = place(chosen);
    let best = null;
    let least = Infinity;
    for (const n of nodes) {
      if (n === chosen || n.classList.contains("off")) continue;
      const p = place(n);
      const along = (p.x - from.x) * dx + (p.y - from.y) * dy;
      const beside = Math.abs((p.x - from.x) * dy) + Math.abs((p.y - from.y) * dx);
      const far = along + (dx ? beside * 20 : beside * 0.5);
      if (along > 1 && far < least) [best, least] = [n, far];
    }
    if (best) choose(best);
  }

  // ---- find and filter ----

  function search() {
    const text = find.value.trim().toLowerCase();
    hits = text ? nodes.filter((n) => n.dataset.version.toLowerCase().includes(text) &&
      !n.classList.contains("off")) : [];
    const exact = hits.findIndex((n) => n.dataset.version.toLowerCase() === text);
    for (const n of nodes) n.classList.toggle("hit", hits.includes(n));
    hitAt = -1;
    found.value = text ? (hits.length ? `${hits.length} found` : "not drawn") : "";
    if (hits.length) bringIntoView(hits[Math.max(exact, 0)]);
    if (exact >= 0) hitAt = exact - 1;
  }

  function nextHit(by) {
    if (!hits.length) return;
    hitAt = (Math.max(hitAt, by > 0 ? -1 : 0) + by + hits.length) % hits.length;
    found.value = `${hitAt + 1} of ${hits.length}`;
    choose(hits[hitAt]);
  }

  function filter() {
    const name = channel.value;
    const outside = (x) => !!name && !x.dataset.channels.split(" ").includes(name);
    const risky = document.getElementById("risky").checked;
    const at = document.getElementById("at").checked;
    for (const n of nodes) n.classList.toggle("off", outside(n));
    for (const e of edges)
      e.classList.toggle("gone", outside(e) || (!risky && e.classList.contains("cond")) ||
        (!at && e.classList.contains("at")));
    if (find.value) search();
  }

  // ---- mouse, touch, keys ----

  let grip = null;
  view.addEventListener("pointerdown", (ev) => {
    if (ev.button !== 0) return;
    grip = { x: ev.clientX, y: ev.clientY, box, moved: false };
  });
  view.addEventListener("pointermove", (ev) => {
    if (!grip) return;
    const dx = ev.clientX - grip.x;
    const dy = ev.clientY - grip.y;
    if (!grip.moved && Math.hypot(dx, dy) < 4) return;
    if (!grip.moved) view.setPointerCapture(ev.pointerId);
    grip.moved = true;
    view.classList.add("moving");
    const scale = grip.box.w / view.clientWidth;
    show({ ...grip.box, x: grip.box.x - dx * scale, y: grip.box.y - dy * scale });
  });
  const letGo = (ev) => {
    if (grip && !grip.moved && ev.type === "pointerup") {
      const node = ev.target.closest(".n");
      choose(node === chosen ? null : node);
    }
    grip = null;
    view.classList.remove("moving");
  };
  view.addEventListener("pointerup", letGo);
  view.addEventListener("pointercancel", letGo);
  view.addEventListener("wheel", (ev) => {
    if (!ev.ctrlKey && !ev.metaKey) return; // the page scrolls
    ev.preventDefault();
    const r = view.getBoundingClientRect();
    zoom(ev.deltaY > 0 ? 1.2 : 1 / 1.2, (ev.clientX - r.left) / r.width,
      (ev.clientY - r.top) / r.height);
  }, { passive: false });

  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  view.addEventListener("keydown", (ev) => {
    if (ev.ctrlKey || ev.metaKey || ev.altKey) return;
    const arrow = arrows[ev.key];
    if (arrow && ev.shiftKey) move(arrow[0] * 0.2, arrow[1] * 0.2);
    else if (arrow) step(...arrow);
    else if (ev.key === "+" || ev.key === "=") zoom(1 / 1.3);
    else if (ev.key === "-") zoom(1.3);
    else if (ev.key === "0") fit();
    else if (ev.key === "Escape") choose(null);
    else return;
    ev.preventDefault();
  });
  document.addEventListener("keydown", (ev) => {
    if (ev.key !== "/" || ev.target.closest("input, select")) return;
    ev.preventDefault();
    find.focus();
  });
  find.addEventListener("input", search);
  find.addEventListener("keydown", (ev) => {
    if (ev.key === "Enter") nextHit(ev.shiftKey ? -1 : 1);
    else if (ev.key === "Escape") { find.value = ""; search(); choose(null); }
    else return;
    ev.preventDefault();
  });
  for (const id of ["channel", "risky", "at"])
    document.getElementById(id).addEventListener("change", filter);
  document.getElementById("in").addEventListener("click", () => zoom(1 / 1.3));
  document.getElementById("out").addEventListener("click", () => zoom(1.3));
  document.getElementById("fit").addEventListener("click", fit);
  document.getElementById("wide").addEventListener("click", fitWidth);
  new ResizeObserver(() => show(box)).observe(view);
  fitWidth();
})();
