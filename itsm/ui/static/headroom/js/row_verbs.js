// What can be done to the row one is on, or to all that are selected, without leaving the list. Nothing waits: the row
// says at once that it is being sent, the cursor is free, and what the server refuses is said on the row itself.
(function () {
  "use strict";
  const bar = () => document.querySelector("[data-verbs]");
  const rowOf = (reference) => document.querySelector(`[data-row="${CSS.escape(reference)}"]`);
  const here = () => document.querySelector("[data-row].is-here");
  const selected = () => [...document.querySelectorAll("[data-row]:has(input[type=checkbox]:checked)")];
  const under = new Map(); // reference -> what is under way for it: a second change waits for the first one's version

  function tell(text) {
    const line = bar()?.querySelector("[data-verb-says]");
    if (line) line.textContent = text;
  }

  function meant() {
    const rows = selected();
    if (rows.length) return rows;
    if (here()) return [here()];
    tell(bar().dataset.first);
    return [];
  }

  function mark(row, kind, sentence) {
    if (kind !== "is-sending") giveBack(row);
    row.classList.remove("is-sending", "is-refused", "is-gone");
    row.querySelector("[data-says]")?.remove();
    if (kind) row.classList.add(kind);
    if (!sentence) return;
    const said = document.createElement("span");
    said.dataset.says = "";
    said.textContent = ` ${sentence}`;
    (row.querySelector("td.wide") || row.lastElementChild).prepend(said);
  }

  // What was asked for stands in its cell at once, marked as wanted; a refusal gives the old value back.
  function want(row, field, text) {
    const head = [...row.closest("table").tHead.rows[0].cells].findIndex((cell) => cell.dataset.cell === field);
    const cell = row.cells[head];
    if (!cell || !text) return;
    cell.was ??= [...cell.childNodes];
    const wanted = document.createElement("span");
    wanted.className = "wanted";
    wanted.textContent = text;
    cell.replaceChildren(wanted);
  }
  function giveBack(row) {
    for (const cell of row.cells) {
      if (!cell.was) continue;
      cell.replaceChildren(...cell.was);
      delete cell.was;
    }
  }

  function replace(row, html) {
    const picked = row.querySelector("input[type=checkbox]")?.checked;
    const fresh = headroom.swapRow(row, html);
    if (picked) fresh.querySelector("input[type=checkbox]").checked = true;
  }

  async function send(reference, field, value) {
    const row = rowOf(reference);
    if (!row) return;
    const words = bar().dataset;
    const address = `${new URL(row.querySelector("a.title").href).pathname}row/`;
    let answer;
    let text;
    try {
      answer = await headroom.post(address, { [field]: value, version: row.dataset.v });
      text = await answer.text();
    } catch (error) {
      mark(rowOf(reference), "is-refused", words.lost);
      tell(`${reference}: ${words.lost}`);
      return;
    }
    const now = rowOf(reference);
    if (answer.status === 200) {
      replace(now, text);
      tell(`${reference} ${words.done}`);
    } else if (answer.status === 204) {
      mark(now, "is-gone", words.gone);
      tell(`${reference} ${words.gone}`);
    } else {
      const sentence = answer.type === "opaqueredirect" ? words.signedOut : headroom.isPlain(answer) ? text : words.lost;
      mark(now, "is-refused", sentence);
      tell(`${reference}: ${sentence}`);
    }
  }

  function act(field, value, shown) {
    // Of several that are selected js/bulk.js makes one bulk, with a result for each and a way back.
    if (selected().length && !document.dispatchEvent(new CustomEvent("headroom:bulk", { cancelable: true, detail: { field, value } }))) return;
    for (const row of meant()) {
      const reference = row.dataset.row;
      mark(row, "is-sending", "");
      want(row, field, shown);
      tell(`${bar().dataset.sending} ${reference}`);
      under.set(reference, (under.get(reference) || Promise.resolve()).then(() => send(reference, field, value)));
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-verb]");
    if (button) act(button.dataset.verb, button.dataset.value, button.dataset.shows || button.title);
    const goes = event.target.closest("[data-row-goes]");
    if (goes && meant().length) location.assign(meant()[0].querySelector("a.title").href + goes.dataset.rowGoes);
  });

  // A list of choices by keyboard: letters only move in it, Enter means it, Escape leaves it. By mouse a choice is meant.
  let byKeys = false;
  const choice = (event) => (event.target.matches?.("select[data-verb]") ? event.target : null);
  function choose(select) {
    const value = select.value;
    const shown = select.selectedOptions[0]?.textContent;
    select.value = "";
    if (value) act(select.dataset.verb, value, shown);
    here()?.querySelector("a.title")?.focus({ preventScroll: true });
  }
  document.addEventListener("pointerdown", (event) => { if (choice(event)) byKeys = false; });
  document.addEventListener("keydown", (event) => {
    const select = choice(event);
    if (!select) return;
    byKeys = true;
    if (event.key === "Escape") select.value = "";
    if (event.key !== "Enter" || !select.value) return;
    event.preventDefault();
    choose(select);
  });
  document.addEventListener("change", (event) => {
    const select = choice(event);
    if (select && !byKeys) choose(select);
    if (event.target.matches?.("[data-row] input[type=checkbox]")) {
      const count = selected().length;
      tell(count ? `${count} ${bar().dataset.selected}` : "");
    }
  });

  // Who came to write finds the box open under the hands.
  if (location.hash === "#id_text") document.getElementById("id_text")?.focus();
  if (location.hash === "#next-steps") document.querySelector("#next-steps :is(a[href], button)")?.focus();
  if (location.hash === "#reply") document.dispatchEvent(new CustomEvent("headroom:reply"));
})();
