// The portal: counts that an answer was opened or a form begun, leads from the question to its answers by arrows, and
// makes the portal an app on a phone. What is typed is sent nowhere but to be answered.
(function () {
  "use strict";
  const worker = document.currentScript?.dataset.worker || document.querySelector("script[data-worker]")?.dataset.worker;
  if (worker && "serviceWorker" in navigator) navigator.serviceWorker.register(worker, { scope: "/" }).catch(() => {});

  // It outlives the page that one leaves; nobody waits for its answer.
  function count(kind, aboutKind, about, field = "") {
    const address = document.querySelector("[data-trace]")?.dataset.trace;
    if (!address) return;
    fetch(address, {
      method: "POST", keepalive: true, headers: { "X-CSRFToken": window.headroom.token() },
      body: new URLSearchParams({ kind, about_kind: aboutKind, about, field }),
    }).catch(() => {});
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-opened]");
    if (link) count("opened", link.dataset.opened, link.dataset.about);
  });
  const begun = new WeakSet();
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-begun]");
    if (!form || begun.has(form)) return;
    begun.add(form);
    count("begun", form.dataset.begun, form.dataset.about);
  });
  // Which question was answered last, never with what: told as one leaves a form that was not sent.
  let last = null;
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-begun]");
    if (form && event.target.name) last = { form, name: event.target.name.replace(/^answers\./, "") };
  });
  document.addEventListener("submit", (event) => { if (event.target === last?.form) last = null; });
  addEventListener("pagehide", () => {
    if (last) count("begun", last.form.dataset.begun, last.form.dataset.about, last.name);
    last = null;
  });

  const question = document.getElementById("question");
  const answers = document.getElementById("answers");
  const links = () => [...answers.querySelectorAll("a.title")];
  question?.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" || !links().length) return;
    event.preventDefault();
    links()[0].focus();
  });
  // Whoever chose among the answers keeps them: later ones would take the choice from under their fingers.
  answers?.addEventListener("htmx:beforeSwap", (event) => {
    if (answers.contains(document.activeElement)) event.detail.shouldSwap = false;
  });
  answers?.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") { question.focus(); return; }
    if (!step) return;
    event.preventDefault();
    (links()[links().indexOf(document.activeElement) + step] || question).focus();
  });
})();
