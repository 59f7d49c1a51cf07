// Rows by keyboard: j and k move, o or Enter opens, x selects. The row one is on stays in sight.
(function () {
  "use strict";
  const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")].filter((row) => row.getClientRects().length);
  const here = () => document.querySelector("[data-row].is-here");

  function go(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(here());
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
    here()?.classList.remove("is-here");
    next.classList.add("is-here");
    next.scrollIntoView({ block: "nearest" });
    (next.matches("a[href]") ? next : next.querySelector("a[href]"))?.focus({ preventScroll: true });
  }

  // Keys are heard in one place, js/keys.js.
  document.addEventListener("headroom:row", (event) => {
    if (event.detail === "j") go(1);
    else if (event.detail === "k") go(-1);
    else if (event.detail === "o") (here()?.matches("a[href]") ? here() : here()?.querySelector("a[href]"))?.click();
    else if (event.detail === "x") here()?.querySelector("input[type=checkbox]")?.click();
  });

  // Cells that came later may say how urgent their row is: the worst comes first, but only before one works on the list.
  let sorting = 0;
  document.addEventListener("htmx:oobAfterSwap", () => {
    clearTimeout(sorting);
    sorting = setTimeout(() => {
      document.querySelectorAll("[data-sorted]").forEach((body) => {
        if (body.querySelector(".is-here")) return;
        const order = (row) => Number(row.querySelector("[data-order]")?.dataset.order ?? 99);
        body.append(...[...body.children].sort((one, other) => order(one) - order(other)));
      });
    }, 30);
  });

  // A click anywhere on a row opens it, unless it was on something that acts by itself.
  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row || event.target.closest("a, button, input, label, summary, select") || String(getSelection())) return;
    (row.querySelector("a.title[href]") || row.querySelector("a[href]"))?.click();
  });
})();
