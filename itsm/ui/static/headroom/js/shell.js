// Menus, copying, toasts, and what a partial request does when it fails.
(function () {
  "use strict";
  const words = () => document.getElementById("words").dataset;
  const toasts = () => document.getElementById("toasts");

  function toast(text, refusal, again) {
    const before = [...toasts().querySelectorAll(".text")].find((said) => said.firstChild.textContent === text);
    before?.closest("[data-toast]").remove(); // the same news twice is one line
    const line = document.createElement("div");
    line.className = "toast-line" + (refusal ? " is-refusal" : "");
    line.dataset.toast = "";
    if (!refusal) line.dataset.brief = "";
    const said = document.createElement("div");
    said.className = "text";
    said.append(document.createTextNode(text));
    if (again) {
      const retry = document.createElement("button");
      retry.type = "button";
      retry.className = "btn btn-quiet btn-small toast-again";
      retry.textContent = words().again;
      retry.addEventListener("click", () => { line.remove(); again(); });
      said.append(" ", retry);
    }
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
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => {
      if (!event.detail.elt.closest("form[method=post]")) toast(words().offline, true);
    });
  }
  document.addEventListener("headroom:unanswered", (event) => {
    const form = event.target;
    (form.closest("dialog") || document.body).append(toasts());
    toast(words().unanswered, true, () => {
      form.dispatchEvent(new CustomEvent("headroom:again", { bubbles: true }));
      event.detail.again();
    });
  });
  document.addEventListener("headroom:fault", () => toast(words().fault, true));
  document.addEventListener("htmx:responseError", () => toast(words().fault, true));
  // A refusal while a dialog is open would lie behind it: toasts join the topmost dialog.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== toasts()) return;
    const once = /data-toast-once="([a-z-]+)"/.exec(event.detail.serverResponse || "");
    if (once && document.querySelector(`[data-toast-once="${once[1]}"]`)) event.detail.shouldSwap = false;
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

  // On a phone: what of the navigation does not stand in the bar.
  const opener = document.querySelector(".side-opens");
  const open = (wanted) => opener?.setAttribute("aria-expanded", String(wanted));
  document.addEventListener("click", (event) => {
    if (opener?.contains(event.target)) open(opener.getAttribute("aria-expanded") !== "true");
    else if (!event.target.closest(".side-more")) open(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || opener?.getAttribute("aria-expanded") !== "true") return;
    open(false);
    opener.focus();
  });

  // Where tabs do not all fit, the one that one is in is seen.
  document.querySelectorAll("nav.tabs").forEach((tabs) => {
    const here = tabs.querySelector("[aria-current]");
    if (here && tabs.scrollWidth > tabs.clientWidth) tabs.scrollLeft += here.getBoundingClientRect().right - tabs.getBoundingClientRect().right;
  });

  // A change of a marked control sends its form: filters, fields edited in place.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-sends]")) event.target.form.requestSubmit();
  });
})();
