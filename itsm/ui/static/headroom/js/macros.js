// The menu of macros: m opens it for the record or the row one is on, first letters narrow it, Enter takes one and shows
// what it would do, Ctrl+Enter does it. The names come from the server; what is typed before they do is not lost.
(function () {
  "use strict";
  const sheet = () => document.getElementById("macros");
  const box = () => document.getElementById("macros-filter");
  const list = () => document.getElementById("macros-list");
  const offered = () => [...list().querySelectorAll("[data-macro]")];
  const seen = () => offered().filter((one) => !one.hidden);
  const addressOf = (reference) => `/incidents/${encodeURIComponent(reference)}/macro/`;
  let about = ""; // the reference of the record
  let waits = null; // what Enter meant before the names had come
  let asked = 0;

  async function ask(address) {
    const mine = (asked += 1);
    const answer = await fetch(address, { headers: { "HX-Request": "true" } });
    const text = await answer.text();
    return mine === asked ? { status: answer.status, text } : null;
  }

  function say(text) {
    const line = document.createElement("p");
    line.className = "card-part faint";
    line.textContent = text;
    list().replaceChildren(line);
  }

  function mark() {
    const wanted = box().value.trim().toLocaleLowerCase();
    offered().forEach((one) => {
      const words = one.dataset.name.toLocaleLowerCase();
      one.hidden = !(words.startsWith(wanted) || words.split(/\s+/).some((word) => word.startsWith(wanted)));
      one.setAttribute("aria-selected", "false");
    });
    const first = seen().find((one) => one.dataset.name.toLocaleLowerCase().startsWith(wanted)) || seen()[0];
    first?.setAttribute("aria-selected", "true");
    if (first) box().setAttribute("aria-activedescendant", first.id);
  }

  function move(by) {
    const rows = seen();
    if (!rows.length) return;
    const at = rows.findIndex((one) => one.getAttribute("aria-selected") === "true");
    rows.forEach((one) => one.setAttribute("aria-selected", "false"));
    const next = rows[(at + by + rows.length) % rows.length];
    next.setAttribute("aria-selected", "true");
    next.scrollIntoView({ block: "nearest" });
    box().setAttribute("aria-activedescendant", next.id);
  }

  async function open(reference) {
    about = reference;
    waits = null;
    box().value = "";
    box().hidden = false;
    say(sheet().dataset.wait);
    sheet().showModal();
    box().focus();
    try {
      const answer = await ask(addressOf(reference));
      if (!answer) return;
      if (answer.status !== 200) { say(sheet().dataset.lost); return; }
      list().innerHTML = answer.text;
      mark();
      if (waits) take();
    } catch (error) {
      say(sheet().dataset.lost);
    }
  }

  async function take(slug) {
    const chosen = slug || seen().find((one) => one.getAttribute("aria-selected") === "true")?.dataset.macro;
    if (!chosen) {
      waits = list().querySelector("[data-macro-menu]") ? null : { sends: false };
      return;
    }
    const sends = waits?.sends;
    waits = null;
    box().hidden = true;
    say(sheet().dataset.wait);
    try {
      const answer = await ask(`${addressOf(about)}${chosen}/`);
      if (!answer) return;
      if (answer.status !== 200) { say(sheet().dataset.lost); return; }
      show(answer.text, chosen);
      if (sends || waits?.sends) meant();
    } catch (error) {
      say(sheet().dataset.lost);
    }
  }

  function show(html, slug) {
    list().innerHTML = html;
    const form = list().querySelector("form");
    const writes = document.getElementById("id_text");
    if (writes && document.querySelector("[data-macros]").dataset.macros) {
      const inserts = document.createElement("button");
      inserts.type = "button";
      inserts.className = "btn btn-quiet";
      inserts.textContent = sheet().dataset.inserts;
      inserts.addEventListener("click", () => insert(slug, writes));
      form.querySelector(".form-foot .btn-primary").after(inserts);
    }
    (form.querySelector("button:not([disabled])") || form.querySelector("a")).focus();
  }

  async function insert(slug, writes) {
    const answer = await fetch(`${addressOf(about)}${slug}/text/`);
    if (!answer.ok) { say(sheet().dataset.lost); return; }
    const { text } = await answer.json();
    sheet().close();
    writes.focus();
    writes.setRangeText(text, writes.selectionStart, writes.selectionEnd, "end");
    writes.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Not by submitting the form: what sends forms elsewhere would leave the list.
  function meant() {
    const form = list().querySelector("[data-macro-preview] form");
    if (form && !form.querySelector(".btn-primary").disabled) send(form);
  }

  // On the list the row comes back; on the record the page does.
  async function send(form) {
    const row = document.querySelector(`[data-row="${CSS.escape(about)}"]`);
    form.querySelectorAll("button").forEach((one) => { one.disabled = true; });
    let answer;
    let text = "";
    try {
      const headers = { "HX-Request": "true", ...(row ? { "X-Row": "1" } : {}) };
      answer = await headroom.post(form.action, new FormData(form), { headers });
      text = await answer.text();
    } catch (error) {
      say(sheet().dataset.lost);
      return;
    }
    if (row) {
      sheet().close();
      onRow(row, answer, text);
    } else if (answer.headers.get("HX-Redirect")) {
      location.assign(answer.headers.get("HX-Redirect"));
      if (new URL(answer.headers.get("HX-Redirect"), location.href).pathname === location.pathname) location.reload();
    } else {
      list().innerHTML = text;
    }
  }

  function onRow(row, answer, text) {
    const says = document.querySelector("[data-verb-says]");
    const words = document.querySelector("[data-verbs]")?.dataset || {};
    const tell = (sentence) => { if (says) says.textContent = `${about}: ${sentence}`; };
    if (answer.status === 200) {
      headroom.swapRow(row, text).querySelector("a.title")?.focus({ preventScroll: true });
      tell(words.done || "");
    } else if (answer.status === 204) {
      row.classList.add("is-gone");
      tell(words.gone || "");
    } else {
      row.classList.add("is-refused");
      tell(headroom.isPlain(answer) ? text : sheet().dataset.lost);
    }
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-macros]");
    if (opener) {
      const row = document.querySelector("[data-row].is-here");
      const reference = opener.dataset.macros || row?.dataset.row;
      const says = document.querySelector("[data-verb-says]");
      if (reference) open(reference);
      else if (says) says.textContent = document.querySelector("[data-verbs]").dataset.first;
      return;
    }
    const chosen = event.target.closest("#macros-list [data-macro]");
    if (chosen) {
      event.preventDefault();
      take(chosen.dataset.macro);
    }
  });
  document.addEventListener("input", (event) => { if (event.target === box()) mark(); });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#macros-list [data-macro-preview] .btn-primary")) return;
    event.preventDefault();
    meant();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (!sheet()?.open) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (list().querySelector("form")) meant();
      else waits = { sends: true };
      return;
    }
    if (event.target !== box()) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      take();
    }
  }, true);
})();
