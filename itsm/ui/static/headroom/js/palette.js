// "." opens everything that can be done here, by name: the steps of the record, the page's buttons, where one can go.
(function () {
  "use strict";
  const words = document.getElementById("palette-place")?.dataset;
  if (!words) return;
  const make = (tag, attributes) => {
    const element = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    return element;
  };
  const dialog = make("dialog", { class: "sheet palette", id: "palette", "aria-label": words.title });
  const body = make("div", { class: "sheet-body" });
  const input = make("input", {
    class: "form-control", type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list",
    "aria-autocomplete": "list", autocomplete: "off", "aria-label": words.ask, placeholder: words.ask,
  });
  const list = make("ul", { class: "options", id: "palette-list", role: "listbox", "aria-label": words.title });
  const none = make("p", { class: "faint" });
  none.textContent = words.none;
  body.append(input, list, none);
  dialog.append(body);
  document.body.append(dialog);
  let offered = [];
  let at = 0;

  const isSeen = (element) => element.getClientRects().length > 0 && !element.closest("dialog");
  const goes = (element) => element.matches("a.side-entry") && document.getElementById("words").dataset.go.replace("%(name)s", element.querySelector("span").textContent);
  const nameOf = (element) => (element.dataset.keyName || goes(element) || element.getAttribute("aria-label") || element.textContent).replace(/\s+/g, " ").trim();

  function gather() {
    const places = "[data-actions] a[href], [data-actions] button, .acts a[href], .acts button, [data-key], [data-turn] a[href], nav.tabs a[href]";
    const seen = new Set();
    const isMeant = (element) => isSeen(element) && !element.closest("[data-row]:not(.is-here)"); // of rows, the one one is on
    return [...document.querySelectorAll(places)].filter(isMeant).flatMap((element) => {
      const name = nameOf(element);
      if (!name || seen.has(name) || element.disabled) return [];
      seen.add(name);
      return [{ name, element, isStep: Boolean(element.closest("[data-actions], .acts")) }];
    }).sort((one, other) => Number(other.isStep) - Number(one.isStep));
  }

  // A reference is gone to as the search box would.
  function goesTo(reference) {
    const link = document.createElement("a");
    const seek = document.getElementById("seek");
    link.href = `${seek?.form?.getAttribute("action") || "/search/"}?${seek?.name || "q"}=${reference}`;
    return { name: reference, element: link };
  }

  function show() {
    const asked = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fitting = offered.filter((one) => asked.every((word) => one.name.toLowerCase().includes(word)));
    const reference = /^\s*([a-z]{2,4}-\d{1,12})\s*$/i.exec(input.value);
    if (reference) fitting.unshift(goesTo(reference[1].toUpperCase()));
    at = Math.max(0, Math.min(at, fitting.length - 1));
    list.replaceChildren(...fitting.map((one, place) => {
      const line = document.createElement("li");
      line.id = `action-${place}`;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", String(place === at));
      line.textContent = one.name;
      if (one.element.dataset.key) {
        const cap = document.createElement("kbd");
        cap.textContent = one.element.dataset.key;
        line.append(cap);
      }
      line.addEventListener("click", () => take(one));
      return line;
    }));
    none.hidden = fitting.length > 0;
    input.setAttribute("aria-activedescendant", fitting.length ? `action-${at}` : "");
    list.children[at]?.scrollIntoView({ block: "nearest" });
    return fitting;
  }

  function take(one) {
    dialog.close();
    if (one.element.matches("input:not([type=checkbox]), textarea, select")) one.element.focus();
    else one.element.click();
  }

  function open(begun) {
    offered = gather();
    at = 0;
    input.value = begun || "";
    dialog.showModal();
    input.focus();
    show();
  }

  document.addEventListener("headroom:actions", () => open());
  document.addEventListener("click", (event) => { if (event.target.closest("[data-palette]")) open(); });
  input.addEventListener("input", () => { at = 0; show(); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const count = list.children.length || 1;
      at = (at + (event.key === "ArrowDown" ? 1 : count - 1)) % count;
      show();
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      const chosen = show()[at];
      if (chosen) take(chosen);
    }
  });
  // In the search box, a dot in front asks for the same.
  document.getElementById("seek")?.addEventListener("input", (event) => {
    if (!event.target.value.startsWith(".")) return;
    const begun = event.target.value.slice(1);
    event.target.value = "";
    event.stopImmediatePropagation();
    open(begun);
  }, true);
})();
