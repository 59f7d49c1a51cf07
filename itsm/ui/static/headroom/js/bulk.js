// What is selected in a list, and one deed for all of it: the rows say at once that they are being sent, one result comes
// back above them, and edits can be taken back from there. J and K select and move on; shift and a click select a range.
(function () {
  "use strict";
  const PATIENCE = 30000;
  const bar = () => document.querySelector("[data-bulk]");
  const boxes = () => [...document.querySelectorAll("[data-row] .pick input[type=checkbox]")];
  const rowsShown = () => [...document.querySelectorAll("[data-rows] [data-row]")].filter((row) => row.getClientRects().length);
  const here = () => document.querySelector("[data-row].is-here");
  const picked = () => rowsShown().filter((row) => row.querySelector(".pick input:checked"));
  const place = () => document.querySelector("[data-bulk-result]");
  let last = null; // the box that was clicked last, where a range begins

  function show() {
    const line = bar();
    if (!line) return;
    const count = picked().length;
    line.hidden = !count;
    const says = line.querySelector("[data-bulk-count]");
    says.textContent = count ? `${count} ${says.dataset.selected}` : "";
  }

  function pick(row, wanted) {
    const box = row?.querySelector(".pick input");
    if (box && box.checked !== wanted) {
      box.checked = wanted;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  document.addEventListener("change", (event) => { if (event.target.matches?.(".pick input")) show(); });
  document.addEventListener("htmx:afterSettle", show);

  document.addEventListener("click", (event) => {
    const box = event.target.closest?.("[data-row] .pick input");
    if (!box) return;
    const all = boxes();
    const from = all.indexOf(last);
    if (event.shiftKey && from >= 0) {
      const to = all.indexOf(box);
      all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((one) => pick(one.closest("[data-row]"), box.checked));
    }
    last = box;
  });

  // Keys are heard in one place, js/keys.js: J and K take the row one is on along, and the next one.
  document.addEventListener("headroom:row", (event) => {
    if (!/^[JK]$/.test(event.detail) || !bar()) return;
    const begun = here();
    if (begun) pick(begun, true);
    document.dispatchEvent(new CustomEvent("headroom:row", { detail: event.detail.toLowerCase() }));
    pick(here(), true);
  });

  function mark(rows, kind) {
    rows.forEach((row) => {
      row.classList.remove("is-sending", "is-refused");
      if (kind) row.classList.add(kind);
    });
  }

  function tell(text) {
    const line = document.createElement("p");
    line.className = "card card-part wrongs";
    line.setAttribute("role", "alert");
    line.textContent = text;
    place().replaceChildren(line);
  }

  // The rows as they are now, each in its place; what is in another queue now is marked and stays until the next visit.
  async function renew(references) {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE) }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    references.forEach((reference) => {
      const row = document.querySelector(`[data-row="${CSS.escape(reference)}"]`);
      if (!row) return;
      const now = fresh.querySelector(`[data-row="${CSS.escape(reference)}"]`);
      if (!now) {
        row.classList.add("is-gone");
        return;
      }
      headroom.swapRow(row, now);
    });
    show();
  }

  let renewed = []; // what the result on show is about: taken back or tried again, the same rows are drawn anew

  async function post(address, fields) {
    const answer = await headroom.post(address, fields, { headers: { "HX-Request": "true" } });
    return { answer, text: await answer.text() };
  }

  // One deed for all that are selected. True where it was done, or is under way.
  async function send(address, fields) {
    const rows = picked();
    const references = rows.map((row) => row.dataset.row);
    mark(rows, "is-sending");
    let sent;
    try {
      sent = await post(address, { form_token: crypto.randomUUID(), ...fields, references: references.join(" ") });
    } catch (error) {
      mark(rows, "");
      tell(bar().dataset.lost);
      return false;
    }
    mark(rows, "");
    const { answer, text } = sent;
    if (answer.ok && text.includes("data-bulk-of")) {
      renewed = references;
      place().innerHTML = text;
      window.htmx?.process(place());
      rows.forEach((row) => pick(row, false));
      show();
      await renew(references);
      return true;
    }
    const plain = (answer.headers.get("Content-Type") || "").startsWith("text/plain");
    const gone = answer.type === "opaqueredirect" || answer.headers.has("HX-Redirect");
    if (answer.status === 422 && !plain) return text;
    tell(gone ? bar().dataset.signedOut : plain ? text : bar().dataset.lost);
    return false;
  }

  document.addEventListener("headroom:bulk", (event) => {
    if (!bar() || !picked().length) return;
    event.preventDefault();
    send(bar().dataset.bulk, event.detail);
  });

  const sheet = () => document.getElementById("bulk-ask");
  const addressOf = (button) => `${bar().dataset.bulk}${button.dataset.bulkDo}/`;
  async function ask(button) {
    const answer = await fetch(addressOf(button), { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(PATIENCE) }).catch(() => null);
    if (!answer?.ok) {
      tell(bar().dataset.lost);
      return;
    }
    sheet().querySelector("h2").textContent = `${button.dataset.bulkAsks}: ${bar().querySelector("[data-bulk-count]").textContent}`;
    fill(await answer.text());
    sheet().showModal();
    sheet().querySelector("textarea, input:not([type=hidden]), select")?.focus();
  }

  function fill(html) {
    const holder = sheet().querySelector("[data-bulk-form]");
    holder.innerHTML = html;
    window.htmx?.process(holder);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-bulk-do]");
    if (button && picked().length) {
      button.closest("details")?.removeAttribute("open");
      if ("bulkAsks" in button.dataset) ask(button);
      else send(addressOf(button), {});
    } else if (event.target.closest?.("[data-bulk-apply]") && picked().length) {
      const macro = bar().querySelector("[data-bulk-macro]").value;
      if (macro) send(bar().dataset.bulk, { macro });
    } else if (event.target.closest?.("[data-bulk-all]")) {
      rowsShown().forEach((row) => pick(row, true));
    } else if (event.target.closest?.("[data-bulk-none]")) {
      rowsShown().forEach((row) => pick(row, false));
    } else if (event.target.closest?.("[data-bulk-dismiss]")) {
      event.target.closest("section").remove();
    }
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("dialog [data-bulk-ask]")) return;
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(form));
    const button = form.querySelector("button:not([type=button])");
    button.disabled = true;
    const done = await send(form.getAttribute("action"), fields);
    if (typeof done === "string") fill(done);
    else sheet().close();
  }, true);

  // Taken back, tried again, or further with what is long: the rows that are shown follow.
  document.addEventListener("htmx:afterSwap", (event) => {
    const settled = place()?.querySelector("[data-bulk-of]:not([aria-busy])");
    if (settled && place().contains(event.target) && renewed.length) renew(renewed);
  });
})();
