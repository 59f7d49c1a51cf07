// The list one came from: its rows, its filters and page, where one was. Opening a row remembers them in this tab;
// the record then offers its neighbours (also over the edge of a page), and the way back leads to the very row.
(function () {
  "use strict";
  const KEY = "headroom-list";
  const words = () => document.getElementById("words").dataset;
  const pathOf = (address) => new URL(address, location.href).pathname;
  const linkOf = (row) => (row.matches("a[href]") ? row : row.querySelector("a.title[href]") || row.querySelector("a[href]"));
  const pathsIn = (list) => [...new Set([...list.querySelectorAll("[data-row]")].map(linkOf).filter(Boolean).map((link) => pathOf(link.href)))];
  const here = () => location.pathname + location.search;
  const edge = (root, rel) => root.querySelector(`.pager [rel=${rel}]`)?.getAttribute("href");

  function remembered() {
    try { return JSON.parse(sessionStorage.getItem(KEY) || "null"); } catch (error) { return null; }
  }
  function remember(list) {
    try { sessionStorage.setItem(KEY, JSON.stringify(list)); } catch (error) { /* then there are no neighbours */ }
  }

  // A click on a row's own link, however it was made, is how one leaves for a record.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const row = link?.closest("[data-row]");
    const list = row?.closest("[data-rows]");
    if (!list || linkOf(row) !== link || !link.closest("main")) return;
    const pages = {};
    for (const [name, rel] of [["before", "prev"], ["after", "next"]]) {
      const address = list.closest("[data-turns-over]") || document.querySelectorAll("main [data-rows]").length === 1 ? edge(document, rel) : null;
      if (address) pages[name] = new URL(address, location.href).href;
    }
    remember({ url: here(), rows: pathsIn(list), at: pathOf(link.href), scroll: scrollY, ...pages });
  });

  // On the list again: the row is where it was, and is the one that keys act on.
  function comeBack() {
    const list = remembered();
    const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
    if (!list || list.url !== here() || !(isBack || list.rows.includes(pathOf(document.referrer)))) return;
    const row = [...document.querySelectorAll("main [data-row]")].find((one) => linkOf(one) && pathOf(linkOf(one).href) === list.at);
    if (!row || document.querySelector(".is-here")) return;
    if (list.scroll) scrollTo({ top: list.scroll, behavior: "instant" });
    row.classList.add("is-here");
    linkOf(row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  // Over the edge of a page of the list: its neighbour is read once, when somebody goes there.
  async function turnOver(list, name) {
    const answer = await fetch(list[name]);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("main [data-rows]");
    const rows = found ? pathsIn(found) : [];
    if (!rows.length) return;
    const fresh = { url: pathOf(list[name]) + new URL(list[name]).search, rows, scroll: 0, at: name === "after" ? rows[0] : rows[rows.length - 1] };
    for (const [side, rel] of [["before", "prev"], ["after", "next"]]) {
      const address = edge(page, rel);
      if (address) fresh[side] = new URL(address, list[name]).href;
    }
    remember(fresh);
    location.replace(fresh.at);
  }

  // The record replaces its neighbour in the history: one step back is the list.
  function turn(list, to) {
    remember({ ...list, at: to });
    location.replace(to);
  }

  function offer() {
    const place = document.querySelector("[data-turn]");
    const list = remembered();
    if (!place || !list) return;
    const at = list.rows.indexOf(location.pathname);
    if (at < 0 || list.url === here()) return;
    if (list.at !== location.pathname) remember({ ...list, at: location.pathname });
    const sides = [["prev", at - 1, "before"], ["next", at + 1, "after"]];
    sides.forEach(([rel, next, over]) => {
      const link = place.querySelector(`[rel=${rel}]`);
      const to = list.rows[next];
      if (!to && !list[over]) return;
      link.href = to || list[over];
      link.hidden = false;
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        if (to) turn(list, to);
        else turnOver(list, over);
      });
    });
    const back = place.querySelector("[data-turn-back]");
    back.href = list.url;
    back.textContent = words().place.replace("%(at)s", at + 1).replace("%(all)s", list.rows.length + (list.after ? "+" : ""));
    place.hidden = false;
  }

  offer();
  comeBack();
  document.addEventListener("htmx:load", () => { if (!document.querySelector(".is-here")) comeBack(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) { document.querySelector(".is-here")?.classList.remove("is-here"); comeBack(); } });
})();
