// A change of the calendar is dragged to another day, or moved by its button and the arrow keys. The server says in a
// dialog what it would meet and lose there, and nothing is moved before that is agreed to. Free times show as bands.
(function () {
  "use strict";
  const dialog = document.getElementById("mover");
  if (!dialog) return;
  const said = document.getElementById("moving").dataset;
  const STEPS = { ArrowUp: "earlier", ArrowDown: "later", ArrowLeft: "day-earlier", ArrowRight: "day-later" };
  let dragged = null;
  let asked = null; // the words that an answer under way will take the place of
  let keys = [];

  const columns = () => [...document.querySelectorAll("[data-day]")];
  const clear = () => document.querySelectorAll(".cal-free").forEach((band) => band.remove());

  async function show(address) {
    clear();
    const answer = await fetch(`${address}free/?from=${said.from}&to=${said.to}`);
    if (!answer.ok) return;
    const lane = document.querySelector(`[data-move="${CSS.escape(address)}"]`)?.closest("tr");
    for (const band of (await answer.json()).bands) {
      const column = columns().find((one) => one.dataset.day === band.day && (!lane || one.closest("tr") === lane));
      if (!column) continue;
      const line = document.createElement("div");
      line.className = "cal-free";
      line.textContent = `${said.free} ${band.words}`;
      column.append(line);
    }
  }

  async function ask(address, query) {
    await window.htmx.ajax("GET", `${address}?${query}back=${said.back}`, { target: "#moving", swap: "outerHTML" });
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("[data-confirms]")?.focus();
  }

  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-move]");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.move);
    show(dragged.dataset.move);
  });
  document.addEventListener("dragend", () => {
    dragged = null;
    columns().forEach((one) => one.classList.remove("is-over"));
    if (!dialog.open) clear();
  });
  document.addEventListener("dragover", (event) => {
    const column = dragged && event.target.closest("[data-day]");
    columns().forEach((one) => one.classList.toggle("is-over", one === column));
    if (column) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const column = dragged && event.target.closest("[data-day]");
    if (!column) return;
    event.preventDefault();
    ask(dragged.dataset.move, `on=${column.dataset.day}&`);
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-moves]");
    if (!opener || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    const address = new URL(opener.href).pathname;
    show(address);
    ask(address, "");
  });

  function take(step) {
    const there = dialog.querySelector(`[data-step="${step}"]`);
    asked = there ? document.getElementById("moving") : null;
    // Not by a click: whoever is faster than htmx, which has just been given this link, would follow it as a link.
    if (there) window.htmx.ajax("GET", there.getAttribute("hx-get"), { source: there, target: "#moving", swap: "outerHTML" });
  }

  // On the document: while the dialog's words are exchanged, nothing in it has the focus. An arrow pressed then is taken
  // after the answer, so none is lost; Enter is not, so nobody agrees to what they have not read.
  document.addEventListener("keydown", (event) => {
    if (!dialog.open || (event.key !== "Enter" && !STEPS[event.key])) return;
    if (asked) {
      event.preventDefault();
      if (STEPS[event.key]) keys.push(STEPS[event.key]);
    } else if (STEPS[event.key] && event.target.matches("[data-confirms]")) {
      event.preventDefault();
      take(STEPS[event.key]);
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!dialog.open || !dialog.contains(event.target) || event.target === asked) return;
    const here = document.activeElement;
    if (asked || here === dialog || !dialog.contains(here)) dialog.querySelector("[data-confirms]")?.focus();
    asked = null;
    if (keys.length) take(keys.shift());
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (dialog.contains(event.target) && !event.detail.successful) [asked, keys] = [null, []];
  });
  dialog.addEventListener("close", () => {
    [asked, keys] = [null, []];
    clear();
  });
})();
