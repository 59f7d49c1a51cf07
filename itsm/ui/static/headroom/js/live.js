// A page that stays true while somebody looks at it: every 15 seconds it asks what changed. Nothing moves under the hands:
// a line with focus, an open menu or a selection is only marked, the order stays, what came waits for "u". A hidden tab asks nothing.
(function () {
  "use strict";
  const EVERY = 15000;
  const PATIENCE = 10000;
  const WRITING = 45000; // ms after the last key in which somebody counts as writing
  const list = () => document.querySelector("[data-rows][data-fresh]");
  const came = () => document.querySelector("[data-came]");
  const record = () => document.querySelector("[data-look]");
  let asked = Date.now();
  let stopped = false;
  let underWay = false;
  let typed = -Infinity;

  const isSelectedIn = (element) => {
    const chosen = getSelection();
    return !chosen.isCollapsed && chosen.rangeCount > 0 && chosen.getRangeAt(0).intersectsNode(element);
  };
  // What is open in a part that is kept as it is holds nothing else.
  const isHeld = (element) => element.contains(document.activeElement) || isSelectedIn(element)
    || [...element.querySelectorAll("details[open], dialog[open], input[type=checkbox]:checked")].some((one) => !one.closest("[hx-preserve]"));

  async function ask(address, fields) {
    let answer;
    try {
      answer = await headroom.post(address, fields, { patience: PATIENCE });
      if (answer.status === 200) return await answer.json();
    } catch (error) { /* no answer: the page stays as it is, and asks again */ return null; }
    if (answer.type === "opaqueredirect" || answer.status === 404 || answer.status === 403) stopped = true;
    return answer.status === 204 ? {} : null;
  }

  function chip(row, name, words) {
    const before = row.querySelector(`[data-chip=${name}]`);
    if (!words) { before?.remove(); return; }
    const said = before || document.createElement("span");
    said.dataset.chip = name;
    said.className = `tag${name === "changed" ? " tag-blue" : ""}`;
    said.dir = "auto";
    said.textContent = words;
    if (!before) row.querySelector("a.title")?.before(said, " ");
  }

  const rowOf = (reference) => document.querySelector(`[data-rows] [data-row="${CSS.escape(reference)}"]`);

  function renew(row, html, words) {
    if (isHeld(row) || row.matches(".is-here, .is-sending, .is-refused")) {
      chip(row, "changed", words.changed);
      return;
    }
    headroom.swapRow(row, html);
  }

  async function lookAtList() {
    const table = list();
    const stood = new Map([...table.querySelectorAll("[data-row]")].map((row) => [row.dataset.row, row.dataset.s]));
    const news = await ask(table.dataset.fresh, { rows: [...stood].map((pair) => pair.join(":")).join(",") });
    if (!news || list() !== table) return;
    for (const [reference, html] of Object.entries(news.changed || {})) {
      const row = rowOf(reference);
      if (row && row.dataset.s === stood.get(reference)) renew(row, html, table.dataset);
    }
    for (const reference of news.gone || []) {
      const row = rowOf(reference);
      if (!row || row.matches(".is-gone, .is-sending")) continue;
      row.classList.add("is-gone");
      chip(row, "changed", table.dataset.left);
    }
    table.querySelectorAll("[data-row]").forEach((row) => chip(row, "here", (news.here || {})[row.dataset.row]));
    sayCame(news.new || 0);
  }

  function sayCame(number) {
    const button = came();
    if (!button) return;
    const says = button.querySelector("[data-came-says]");
    button.hidden = number === 0;
    if (number) says.textContent = number === 1 ? says.dataset.one : says.dataset.many.replace("%(number)s", number);
  }

  // What came is put where it belongs; the row one was on and what was selected stay so.
  async function load() {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [old, fresh] = [list()?.tBodies[0], page.querySelector("[data-rows] tbody")];
    if (!answer.ok || !old || !fresh) { location.reload(); return; }
    const here = old.querySelector(".is-here")?.dataset.row;
    const hadFocus = document.activeElement === came() || old.contains(document.activeElement);
    const picked = [...old.querySelectorAll("[data-row]:has(input:checked)")].map((row) => row.dataset.row);
    const at = scrollY;
    old.replaceWith(fresh);
    picked.forEach((reference) => { const box = rowOf(reference)?.querySelector("input[type=checkbox]"); if (box) box.checked = true; });
    const row = here && rowOf(here);
    row?.classList.add("is-here");
    if (hadFocus) row?.querySelector("a.title")?.focus({ preventScroll: true });
    for (const part of ["nav.tabs", ".pager"]) {
      const [before, now] = [document.querySelector(`main ${part}`), page.querySelector(`main ${part}`)];
      if (before && now) before.replaceWith(now);
    }
    sayCame(0);
    scrollTo({ top: at, behavior: "instant" });
  }

  const box = () => record()?.querySelector("#id_text");
  const doing = () => (box()?.value && Date.now() - typed < WRITING ? "writes" : "reads");

  function tellStory(html) {
    const story = document.querySelector("#story .story");
    const holder = document.createElement("div");
    holder.innerHTML = html;
    const has = new Set([...story.querySelectorAll("[data-entry]")].map((line) => line.dataset.entry));
    const fresh = [...holder.querySelectorAll("[data-entry]")].filter((line) => !has.has(line.dataset.entry));
    fresh.forEach((line) => line.classList.add("is-new"));
    story.querySelector("li:not([data-entry])")?.remove();
    story.prepend(...fresh);
  }

  function swap(id, html) {
    const old = document.getElementById(id);
    if (!old) return true;
    if (isHeld(old) || [...old.querySelectorAll("form")].some((form) => form.classList.contains("is-sending"))) {
      if (old.querySelector("[data-behind-mark]")) return false;
      const mark = document.createElement("a");
      mark.className = "tag tag-blue";
      mark.dataset.behindMark = "";
      mark.href = location.pathname;
      mark.textContent = record().dataset.behind;
      old.prepend(mark);
      return false;
    }
    const read = [...old.querySelectorAll("[hx-preserve]:has(details[open])")];
    old.outerHTML = html;
    const fresh = document.getElementById(id);
    for (const part of read) fresh.querySelector(`#${part.id}`)?.replaceWith(part);
    htmx.process(fresh);
    return true;
  }

  async function lookAtRecord() {
    const page = record();
    const news = await ask(page.dataset.look, { stamp: page.dataset.stamp, doing: doing() });
    if (!news || record() !== page) return;
    document.querySelector("[data-here]").textContent = news.here || "";
    if (!news.stamp) return;
    tellStory(news.story);
    if (!box()?.value) document.querySelectorAll("[data-seen]").forEach((field) => { field.value = news.last_note; });
    const all = [swap("consequence", news.consequence), swap("facts", news.facts)];
    if (all.every(Boolean)) page.dataset.stamp = news.stamp;
  }

  async function look() {
    if (stopped || underWay || document.visibilityState !== "visible" || !(list() || record())) return;
    underWay = true;
    asked = Date.now();
    try { await (record() ? lookAtRecord() : lookAtList()); } finally { underWay = false; }
  }

  setInterval(look, EVERY);
  document.addEventListener("headroom:look", look);
  document.addEventListener("visibilitychange", () => { if (Date.now() - asked > EVERY) look(); });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-came]")) load(); });
  document.addEventListener("input", (event) => { if (event.target === box()) typed = Date.now(); });
  window.addEventListener("pagehide", () => {
    if (!record() || stopped) return;
    const leaves = new URLSearchParams({ doing: "left", csrfmiddlewaretoken: headroom.token() });
    navigator.sendBeacon(record().dataset.look, leaves);
  });
  if (record()) look();
})();
