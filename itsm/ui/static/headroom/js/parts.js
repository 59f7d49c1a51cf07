// Of a list of parts those are shown that are filled; a button brings the next one. Without this script all of them stand
// there, folded.
(function () {
  "use strict";
  document.querySelectorAll("[data-parts]").forEach((box) => {
    const waiting = [...box.querySelectorAll(":scope > details:not([open])")];
    if (!waiting.length) return;
    const add = document.createElement("button");
    add.type = "button";
    add.className = "btn btn-quiet";
    add.textContent = box.dataset.more;
    for (const part of waiting) part.hidden = true;
    add.addEventListener("click", () => {
      const part = waiting.shift();
      part.hidden = false;
      part.open = true;
      add.hidden = !waiting.length;
      part.querySelector("select, input, textarea")?.focus();
    });
    box.append(add);
  });
})();
