// The board: a card is dragged, or moved by Shift and an arrow, or by its menu. It lies in its new column at once; what the
// server refuses puts it back, and the sentence stands on the card. What a step asks for is asked in a dialog.
(function () {
  "use strict";
  const board = () => document.querySelector("[data-board]");
  if (!board()) return;
  const columns = () => [...document.querySelectorAll("[data-column]")];
  const cardOf = (reference) => document.querySelector(`.board-card[data-row="${CSS.escape(reference)}"]`);
  const dialog = document.getElementById("card-asks");
  let moving = null; // {card, from, before}: what the open dialog is about

  const says = (text) => { const line = document.querySelector("[data-board-says]"); if (line) line.textContent = text; };

  function complain(card, sentence) {
    const line = card.querySelector("[data-says]");
    line.textContent = sentence;
    line.hidden = !sentence;
    card.classList.toggle("is-refused", Boolean(sentence));
    if (sentence) says(`${card.dataset.row}: ${sentence}`);
  }

  function counted(column, by) {
    const much = column.querySelector(".much");
    if (/^\d+$/.test(much.textContent)) much.textContent = String(Math.max(0, Number(much.textContent) + by));
  }

  function lay(card, column, before) {
    counted(card.closest("[data-column]"), -1);
    counted(column, 1);
    column.querySelector(".board-none")?.remove();
    column.querySelector("[data-cards]").insertBefore(card, before || column.querySelector("[data-cards]").firstElementChild);
  }

  async function send(card, column, words) {
    const body = words || new URLSearchParams();
    body.set("group_by", board().dataset.board);
    body.set("to", column.dataset.column);
    body.set("version", card.dataset.v);
    const address = `${new URL(card.querySelector("a.title").href).pathname}move/`;
    try {
      const answer = await headroom.post(address, body);
      return { status: answer.status, plain: headroom.isPlain(answer), text: await answer.text() };
    } catch (error) {
      return { status: 0, plain: true, text: board().dataset.lost };
    }
  }

  function settle(move, answer) {
    const { card, from, before } = move;
    card.classList.remove("is-sending");
    if (answer.status === 200) {
      const fresh = headroom.swapRow(card, answer.text);
      window.htmx?.process(fresh);
      says(`${fresh.dataset.row} ${board().dataset.moved}`);
      if (fresh.classList.contains("is-here")) fresh.querySelector("a.title").focus({ preventScroll: true });
    } else if (answer.status === 204) {
      says(`${card.dataset.row} ${board().dataset.gone}`);
      counted(card.closest("[data-column]"), -1);
      card.remove();
    } else if (answer.status === 422 && !answer.plain) {
      moving = move;
      dialog.querySelector("[data-card-asks]").innerHTML = answer.text;
      if (!dialog.open) dialog.showModal();
      dialog.querySelector("textarea, input:not([type=hidden]), select")?.focus();
      return;
    } else {
      lay(card, from, before);
      complain(card, answer.plain ? answer.text : board().dataset.lost);
    }
    moving = null;
    if (dialog.open) dialog.close();
  }

  async function move(card, column) {
    const from = card.closest("[data-column]");
    if (!column || from === column || card.classList.contains("is-sending")) return;
    const started = { card, from, before: card.nextElementSibling, column };
    complain(card, "");
    card.classList.add("is-sending");
    lay(card, column);
    says(`${board().dataset.sending} ${card.dataset.row}`);
    settle(started, await send(card, column));
  }

  dialog.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!moving) return;
    const about = moving;
    const button = event.target.querySelector("button:not([type=button])");
    button.disabled = true;
    settle(about, await send(about.card, about.column, new URLSearchParams(new FormData(event.target))));
  });
  // Whoever does not want to after all finds the card where it lay.
  dialog.addEventListener("close", () => {
    if (!moving) return;
    lay(moving.card, moving.from, moving.before);
    moving.card.classList.remove("is-sending");
    moving = null;
  });

  // By mouse.
  let dragged = null;
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.(".board-card[draggable]");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.row);
  });
  document.addEventListener("dragover", (event) => {
    const column = dragged && event.target.closest?.("[data-column]");
    if (!column) return;
    event.preventDefault();
    columns().forEach((one) => one.classList.toggle("is-over", one === column));
  });
  document.addEventListener("dragend", () => { dragged = null; columns().forEach((one) => one.classList.remove("is-over")); });
  document.addEventListener("drop", (event) => {
    const column = dragged && event.target.closest?.("[data-column]");
    if (!column) return;
    event.preventDefault();
    const card = dragged;
    dragged = null;
    columns().forEach((one) => one.classList.remove("is-over"));
    move(card, column);
  });

  // By keys: Shift and an arrow move the card one is on to the column beside it.
  const near = (card, by) => columns()[columns().indexOf(card.closest("[data-column]")) + by];
  document.addEventListener("keydown", (event) => {
    const card = event.target.closest?.(".board-card[draggable]");
    if (!card || !event.shiftKey || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    const forward = (event.key === "ArrowRight") === (getComputedStyle(card).direction === "ltr");
    move(card, near(card, forward ? 1 : -1));
  });
  document.addEventListener("change", (event) => {
    const choice = event.target.closest?.("select[data-move-to]");
    if (!choice) return;
    const card = choice.closest(".board-card");
    const column = columns()[Number(choice.value)];
    choice.value = "";
    move(card, column);
  });
  // Each card has a menu of the columns; drawn when it is needed, so that a page of many cards stays light. Who has no
  // mouse to point with finds it on every card.
  function offer(card) {
    if (!card || card.querySelector("select[data-move-to]")) return;
    const choice = document.createElement("select");
    choice.className = "form-select board-move";
    choice.dataset.moveTo = "";
    choice.setAttribute("aria-label", card.dataset.row);
    choice.append(new Option("\u2192", ""), ...columns().map((column, place) => {
      const option = new Option(column.querySelector("h2 bdi").textContent, String(place));
      option.disabled = column === card.closest("[data-column]");
      return option;
    }));
    card.querySelector(".board-line").append(choice);
  }
  for (const kind of ["focusin", "pointerover"]) {
    document.addEventListener(kind, (event) => offer(event.target.closest?.(".board-card[draggable]")));
  }
  const everywhere = () => document.querySelectorAll(".board-card[draggable]").forEach(offer);
  if (matchMedia("(hover: none)").matches) {
    everywhere();
    document.addEventListener("htmx:load", everywhere);
  }
})();
