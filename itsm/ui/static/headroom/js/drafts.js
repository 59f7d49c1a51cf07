// What somebody wrote stays until it is saved: kept in this tab, per person and form, and put back when they return
// (after signing in again, a lost connection, a step back). Another person's drafts are dropped, signing out drops one's own.
(function () {
  "use strict";
  const PREFIX = "headroom-draft:";
  const me = document.body.dataset.person || "";
  const words = () => document.getElementById("words").dataset;
  const isKept = (field) => field.matches("textarea, select, input:not([type=hidden], [type=password], [type=file], [type=submit])")
    && field.name && !field.disabled && !field.closest("[data-no-draft]");
  const formsHere = (root) => [...root.querySelectorAll("form")].filter((form) => (form.getAttribute("method") || "").toLowerCase() === "post");
  const keyOf = (form) => {
    const address = new URL(form.getAttribute("action") || location.href, location.href);
    return `${PREFIX}${me}:${location.pathname}:${address.pathname}`;
  };

  function drop(isDropped) {
    Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX) && isDropped(key)).forEach((key) => sessionStorage.removeItem(key));
  }

  const isChoice = (field) => field.type === "checkbox" || field.type === "radio";
  const standsFor = (field) => (isChoice(field) ? field.checked : field.value);
  const asServed = (field) => {
    if (isChoice(field)) return field.defaultChecked;
    if (field.tagName !== "SELECT") return field.defaultValue;
    return ([...field.options].find((option) => option.defaultSelected) || field.options[0])?.value ?? "";
  };
  const place = (field) => (isChoice(field) ? `${field.name}=${field.value}` : field.name);

  function keep(form) {
    const fields = {};
    [...form.elements].filter(isKept).forEach((field) => {
      if (standsFor(field) !== asServed(field)) fields[place(field)] = standsFor(field);
    });
    if (!Object.keys(fields).length) sessionStorage.removeItem(keyOf(form));
    else sessionStorage.setItem(keyOf(form), JSON.stringify({ fields }));
  }

  function restore(form) {
    const kept = JSON.parse(sessionStorage.getItem(keyOf(form)) || "null");
    if (!kept || form.dataset.restored) return;
    form.dataset.restored = "1";
    let first = null;
    [...form.elements].filter(isKept).forEach((field) => {
      const wanted = kept.fields[place(field)];
      if (wanted === undefined || standsFor(field) !== asServed(field) || standsFor(field) === wanted) return;
      if (isChoice(field)) field.checked = wanted;
      else field.value = wanted;
      first = first || field;
    });
    if (!first) return;
    say(form);
    form.dispatchEvent(new Event("input", { bubbles: true }));
    if (kept.returning) {
      sessionStorage.setItem(keyOf(form), JSON.stringify({ fields: kept.fields }));
      const dialog = form.closest("dialog");
      if (dialog && !dialog.open) document.querySelector(`[data-opens="${dialog.id}"]`)?.click();
      form.closest("details")?.setAttribute("open", "");
      first.focus();
      first.scrollIntoView({ block: "center" });
    }
  }

  function say(form) {
    const line = document.createElement("div");
    line.className = "draft-line";
    line.setAttribute("role", "status");
    const text = document.createElement("span");
    text.textContent = words().draft;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn-link-plain";
    button.textContent = words().discard;
    button.addEventListener("click", () => {
      sessionStorage.removeItem(keyOf(form));
      form.reset();
      line.remove();
    });
    line.append(text, " ", button);
    form.prepend(line);
  }

  function guarded(act) {
    try { act(); } catch (error) { /* Without storage nothing is kept; nothing else depends on it. */ }
  }

  guarded(() => {
    if (!me) return;
    drop((key) => !key.startsWith(`${PREFIX}${me}:`));
    const begin = (root) => formsHere(root).forEach((form) => guarded(() => restore(form)));
    begin(document);
    document.addEventListener("htmx:load", (event) => begin(event.target.parentElement || document));
    for (const name of ["input", "change"]) {
      document.addEventListener(name, (event) => {
        const form = event.target.form;
        if (form && formsHere(form.parentElement).includes(form) && !form.querySelector("[data-sends]")) guarded(() => keep(form));
      });
    }
    document.addEventListener("headroom:saved", (event) => guarded(() => {
      const form = event.target;
      if ("ends" in form.dataset) drop(() => true);
      sessionStorage.removeItem(keyOf(form));
      form.reset();
    }));
    document.addEventListener("headroom:signed-out", (event) => guarded(() => {
      keep(event.target);
      const key = keyOf(event.target);
      const kept = JSON.parse(sessionStorage.getItem(key) || "null");
      if (kept) sessionStorage.setItem(key, JSON.stringify({ ...kept, returning: true }));
    }));
  });
})();
