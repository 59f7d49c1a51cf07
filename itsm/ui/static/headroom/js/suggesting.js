// Suggestions under the search box, as a combobox: arrows mark one, Enter opens it, without a mark Enter searches, Escape closes.
(function () {
  "use strict";
  const seek = document.getElementById("seek");
  if (!seek) return;
  const place = document.getElementById("seek-found");
  const options = () => [...place.querySelectorAll("[role=option]")];

  function mark(next) {
    options().forEach((option) => option.setAttribute("aria-selected", String(option === next)));
    if (next) {
      seek.setAttribute("aria-activedescendant", next.id);
      next.scrollIntoView({ block: "nearest" });
    } else {
      seek.removeAttribute("aria-activedescendant");
    }
  }
  const marked = () => place.querySelector("[aria-selected=true]");

  function close() {
    place.replaceChildren();
    seek.setAttribute("aria-expanded", "false");
    mark(null);
  }

  // What was marked belonged to the words before: Enter never opens yesterday's result.
  seek.addEventListener("input", () => mark(null));
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === place) seek.setAttribute("aria-expanded", String(options().length > 0));
  });
  seek.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(marked());
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(all[(at < 0 && step < 0 ? 0 : at) + step] || all[step > 0 ? 0 : all.length - 1]);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      all[at].querySelector("a").click();
    } else if (event.key === "Escape") {
      if (all.length) { event.preventDefault(); event.stopPropagation(); close(); } else seek.blur();
    }
  });
})();
