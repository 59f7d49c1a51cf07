// Menus, copying, toasts, and what a partial request does when it fails.
(function () {
  "use strict";
  const words = () => document.getElementById("words").dataset;
  const toasts = () => document.getElementById("toasts");

  function toast(text, refusal) {
    const line = document.createElement("div");
    line.className = "toast-line" + (refusal ? " is-refusal" : "");
    line.dataset.toast = "";
    if (!refusal) line.dataset.brief = "";
    const said = document.createElement("div");
    said.className = "text";
    said.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "copy";
    close.dataset.toastClose = "";
    close.setAttribute("aria-label", words().close);
    close.textContent = "\u00d7";
    line.append(said, close);
    toasts().append(line);
    fade(line);
  }

  function fade(line) {
    if (!("brief" in line.dataset) || line.dataset.fading) return;
    line.dataset.fading = "1";
    setTimeout(() => line.remove(), 6000);
  }

  document.querySelectorAll("[data-toast]").forEach(fade);
  document.addEventListener("htmx:load", (event) => {
    event.target.querySelectorAll?.("[data-toast]").forEach(fade);
  });
  document.addEventListener("htmx:sendError", () => toast(words().offline, true));
  document.addEventListener("htmx:timeout", () => toast(words().offline, true));
  document.addEventListener("htmx:responseError", () => toast(words().fault, true));
  // A refusal while a dialog is open would lie behind it: toasts join the topmost dialog.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== toasts()) return;
    const open = [...document.querySelectorAll("dialog[open]")].pop();
    (open || document.body).append(toasts());
  });
  document.addEventListener("close", () => document.body.append(toasts()), true);

  async function copy(button) {
    const near = "copyNear" in button.dataset ? button.parentElement.querySelector("code") : null;
    const text = near ? near.textContent : button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch (error) {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    button.classList.add("is-done");
    setTimeout(() => button.classList.remove("is-done"), 1500);
    toast(words().copied);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-copy-near]");
    if (button) copy(button);
    const close = event.target.closest("[data-toast-close]");
    if (close) close.closest("[data-toast]").remove();
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // A change of a marked control sends its form: filters, fields edited in place.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-sends]")) event.target.form.requestSubmit();
  });

  // Results under the search box: arrows move, Enter opens, Escape closes.
  const seek = document.getElementById("seek");
  if (seek) {
    // What was marked belonged to the words before: Enter never opens yesterday's result.
    seek.addEventListener("input", () => {
      document.querySelectorAll("#seek-found .is-here").forEach((link) => link.classList.remove("is-here"));
    });
    seek.addEventListener("keydown", (event) => {
      const found = [...document.querySelectorAll("#seek-found a")];
      const here = found.findIndex((link) => link.classList.contains("is-here"));
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        found[here]?.classList.remove("is-here");
        found[(here + (event.key === "ArrowDown" ? 1 : found.length - 1) + found.length) % found.length]?.classList.add("is-here");
      } else if (event.key === "Enter" && here >= 0) {
        event.preventDefault();
        found[here].click();
      } else if (event.key === "Escape") {
        seek.blur();
      }
    });
  }
})();
