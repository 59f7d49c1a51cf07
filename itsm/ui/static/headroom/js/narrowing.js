// A long list of choices narrows as one types: data-narrows names the box whose data-narrowed parts are looked through.
(function () {
  "use strict";
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  function narrow(typed) {
    const box = document.getElementById(typed.dataset.narrows);
    if (!box) return;
    const words = plain(typed.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const group of box.querySelectorAll("[data-narrowed-group]")) {
      const about = plain(group.querySelector("h3")?.textContent || "");
      let here = 0;
      for (const one of group.querySelectorAll("[data-narrowed]")) {
        const text = about + " " + plain(one.textContent);
        one.hidden = !words.every((word) => text.includes(word));
        here += one.hidden ? 0 : 1;
      }
      group.hidden = !here;
      shown += here;
    }
    const none = box.querySelector("[data-narrowed-none]");
    if (none) none.hidden = shown > 0;
  }
  document.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-narrows]")) narrow(event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.("[data-narrows]")) event.preventDefault(); // it sends nothing
  });
})();
