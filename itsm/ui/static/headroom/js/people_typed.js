// User names where somebody is typed: after a letter those whose name or user name holds it, chosen by arrows and Enter or
// a click. data-people="one": the whole box; "list": the name after the last comma or line; "command": after /commander
// and its like. Without this script, or without an answer, the name is typed.
(function () {
  "use strict";
  const MOST = 8, WAIT = 180;
  const COMMAND = /^\s*\/(?:commander|communications|scribe|stakeholder)\s+(\S*)$/;
  let box = null, list = null, timer = 0, turn = 0;

  const parts = (input) => {
    const before = input.value.slice(0, input.selectionStart);
    const said = input.dataset.people === "command" ? (COMMAND.exec(before) || [])[1]
      : input.dataset.people === "list" ? before.slice(Math.max(before.lastIndexOf(","), before.lastIndexOf("\n")) + 1).trimStart()
        : before;
    return { word: said, from: before.length - (said || "").length };
  };
  const options = () => (list ? [...list.children] : []);
  const marked = () => options().find((one) => one.getAttribute("aria-selected") === "true");

  function mark(next) {
    for (const one of options()) one.setAttribute("aria-selected", String(one === next));
    if (next) { box.setAttribute("aria-activedescendant", next.id); next.scrollIntoView({ block: "nearest" }); } else box?.removeAttribute("aria-activedescendant");
  }

  function close() {
    turn += 1;
    mark(null);
    list?.remove();
    if (box?.getAttribute("role") === "combobox") box.setAttribute("aria-expanded", "false");
    list = null;
  }

  function choose(option) {
    const { from } = parts(box), chosen = option.dataset.name, rest = box.value.slice(box.selectionStart);
    box.value = box.value.slice(0, from) + chosen + rest;
    box.setSelectionRange(from + chosen.length, from + chosen.length);
    box.dispatchEvent(new Event("change", { bubbles: true }));
    close();
    box.focus();
  }

  function show(people) {
    close();
    if (!people.length) return;
    list = document.createElement("ul");
    list.className = "people-found";
    list.id = `${box.id}-people`;
    list.setAttribute("role", "listbox");
    people.forEach((one, place) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${place}`;
      option.dataset.name = one.login;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      const name = document.createElement("bdi"), login = document.createElement("span");
      name.textContent = one.name || one.login;
      login.textContent = one.login;
      login.className = "mono small faint";
      option.append(name, " ", login);
      option.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(option); });
      list.append(option);
    });
    list.setAttribute("aria-label", box.labels?.[0]?.textContent.trim() || box.name);
    box.after(list);
    box.setAttribute("aria-controls", list.id);
    if (box.getAttribute("role") === "combobox") box.setAttribute("aria-expanded", "true");
  }

  async function ask(input, word) {
    const mine = turn += 1;
    const asked = new URLSearchParams({ text: word, active: "true", account_type: "human" });
    const answer = await fetch(`/api/v1/people/?${asked}`, { headers: { Accept: "application/json" } });
    if (!answer.ok || mine !== turn || document.activeElement !== input) return;
    show((await answer.json()).results.slice(0, MOST));
  }

  document.addEventListener("focusin", (event) => {
    if (!event.target.matches?.("[data-people]")) return;
    box = event.target;
    if (box.tagName === "INPUT" && box.getAttribute("role") !== "combobox") {
      for (const [name, value] of [["role", "combobox"], ["aria-expanded", "false"], ["autocomplete", "off"]]) box.setAttribute(name, value);
    }
    box.setAttribute("aria-autocomplete", "list");
  });
  document.addEventListener("focusout", (event) => { if (event.target === box) { clearTimeout(timer); close(); } });
  document.addEventListener("input", (event) => {
    if (event.target !== box) return;
    clearTimeout(timer);
    close();
    const { word } = parts(box);
    if (word) timer = setTimeout(() => ask(box, word.slice(0, 100)).catch(() => {}), WAIT);
  });
  addEventListener("keydown", (event) => { // before the page's own keys
    if (event.target !== box || !list) return;
    const all = options(), at = all.indexOf(marked());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(all[(at < 0 && step < 0 ? 0 : at) + step] || all[step > 0 ? 0 : all.length - 1]);
    } else if (event.key === "Enter" && at >= 0) choose(all[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
})();
