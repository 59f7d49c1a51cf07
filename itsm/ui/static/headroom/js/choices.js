// Long lists of choices come after the page: a list of fifty rows stands sooner without three hundred options.
(function () {
  "use strict";
  async function fill() {
    const boxes = [...document.querySelectorAll("select[data-choices]:not([data-filled])")];
    if (!boxes.length) return;
    const answer = await fetch(boxes[0].dataset.choicesFrom, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const offered = await answer.json();
    for (const box of boxes) {
      const chosen = box.value;
      const known = new Map((offered[box.dataset.choices] || []).map(([value, label]) => [value, label]));
      for (const option of [...box.options]) if (known.has(option.value)) option.remove();
      box.append(...[...known].map(([value, label]) => new Option(label, value)));
      box.value = chosen;
      box.dataset.filled = "";
    }
  }
  const soon = () => fill().catch(() => {}); // without an answer the boxes offer what they had
  if (document.readyState === "complete") soon();
  else addEventListener("load", soon);
  document.addEventListener("htmx:load", soon);
})();
