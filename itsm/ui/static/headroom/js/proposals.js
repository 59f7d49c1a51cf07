// What software agents propose, decided line by line: a word is sent while the cursor is on the next line already; what
// the server refuses is said on the line itself. The newest words can be taken back, one after the other.
(function () {
  "use strict";
  const list = () => document.querySelector("[data-proposals]");
  const done = []; // references whose word was sent from here, the newest last
  const speak = (text) => { const line = document.querySelector("[data-proposals-say]"); if (line) line.textContent = text; };
  const rowOf = (reference) => document.querySelector(`[data-row="${CSS.escape(reference)}"]`);
  const undoes = () => document.querySelector("[data-undo-newest]");

  function stand(row) {
    document.querySelector("[data-row].is-here")?.classList.remove("is-here");
    row.classList.add("is-here");
    row.scrollIntoView({ block: "nearest" });
    row.querySelector("a.title")?.focus({ preventScroll: true });
  }
  function onward(row) {
    const asks = (one) => one.querySelector("[data-key='a']") && !one.classList.contains("is-sending");
    const isDraft = (one) => one.querySelector("[data-skips]");
    const rows = [...list().querySelectorAll("[data-row]")];
    const others = [...rows.slice(rows.indexOf(row) + 1), ...rows.slice(0, rows.indexOf(row))].filter(asks);
    const next = others.find((one) => !isDraft(one)) || others[0]; // drafts last: they are read and sent one by one
    if (next) stand(next);
  }

  function refuse(row, sentence) {
    row.classList.remove("is-sending");
    const said = row.querySelector("[data-says]");
    said.textContent = sentence;
    said.hidden = false;
    speak(`${row.dataset.row}: ${sentence}`);
  }

  // How many wait, in the navigation: what was decided here is none of them any more.
  function recount(by) {
    const line = by && document.querySelector("a.side-sub[href='/proposals/']");
    for (const one of line ? [line, line.closest("ul").closest("li").querySelector("a.side-entry")] : []) {
      const count = one.querySelector(".count");
      if (!count) continue;
      count.textContent = Math.max(0, Number(count.textContent) + by);
      count.hidden = count.textContent === "0";
    }
  }
  const waits = (row) => (row.querySelector("[data-decide='dismiss']") ? 1 : 0);

  async function send(row, verb, field) {
    const reference = row.dataset.row;
    row.classList.add("is-sending");
    let answer, text;
    try {
      const fields = { row: "on", ...(verb === "undo" ? {} : { version: row.dataset.v }), ...(field ? { field } : {}) };
      answer = await headroom.post(`${row.dataset.address}${verb}/`, fields);
      text = await answer.text();
    } catch (error) {
      refuse(rowOf(reference), list().dataset.lost);
      return;
    }
    const now = rowOf(reference);
    if (answer.status === 200) {
      const before = waits(now);
      const fresh = headroom.swapRow(now, text);
      recount(waits(fresh) - before);
      if (verb === "undo") done.splice(done.lastIndexOf(reference), 1);
      else done.push(reference);
      if (undoes()) undoes().hidden = !done.length;
      speak(`${reference}: ${[...fresh.querySelectorAll(".proposal-parts .faint")].map((one) => one.textContent).join(", ")}`);
      document.body.dispatchEvent(new CustomEvent("record-changed", { bubbles: true }));
      document.dispatchEvent(new CustomEvent("headroom:look")); // the facts beside it, where it stands on a record
    } else if (answer.status === 204) {
      refuse(now, list().dataset.gone);
    } else {
      refuse(now, headroom.isPlain(answer) ? text : list().dataset.lost);
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-decide]");
    if (button) {
      const row = button.closest("[data-row]");
      if (row.classList.contains("is-sending")) return;
      send(row, button.dataset.decide, button.dataset.field);
      if (!button.dataset.field && button.dataset.decide !== "undo") onward(row);
    } else if (event.target.closest("[data-skips]")) {
      // A draft is opened on purpose: the keys that follow in a run would be typed into it.
      const row = event.target.closest("[data-row]");
      refuse(row, event.target.closest("[data-skips]").dataset.skips);
      onward(row);
    } else if (event.target.closest("[data-undo-newest]") && done.length) {
      const row = rowOf(done[done.length - 1]);
      if (row) send(row, "undo").then(() => stand(rowOf(row.dataset.row)));
    }
  });

  // Who takes a draft finds the box open under the hands, once all scripts are there to hear of it.
  document.addEventListener("DOMContentLoaded", () => {
    if (document.querySelector("input[name=draft]")) document.dispatchEvent(new CustomEvent("headroom:reply"));
  });

  // Where nothing else is done the first line is where one begins: twenty of them are twenty keys.
  const first = document.querySelector("[data-proposals='begins'] [data-row]");
  if (first && !document.querySelector("[data-row].is-here")) stand(first);
})();
