// Native dialogs: data-opens="id" opens, data-closes closes, data-confirm="name" waits until the name is typed.
(function () {
  "use strict";
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.opens);
      if (!dialog) return;
      event.preventDefault();
      opener.closest("details.menu")?.removeAttribute("open");
      dialog.showModal();
      dialog.dispatchEvent(new CustomEvent("headroom:opens", { bubbles: true }));
      dialog.querySelector("[autofocus], textarea, input:not([type=hidden]), select")?.focus();
      return;
    }
    const closer = event.target.closest("[data-closes]");
    if (closer) {
      event.preventDefault();
      closer.closest("dialog")?.close();
    } else if (event.target.matches("dialog.sheet")) {
      event.target.close();
    }
  });

  function judge(input) {
    const button = input.form?.querySelector("[data-confirmed]");
    if (button) button.disabled = input.value.trim() !== input.dataset.confirm;
  }
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-confirm]")) judge(event.target);
  });
  const begin = () => document.querySelectorAll("[data-confirm]").forEach(judge);
  begin();
  document.addEventListener("htmx:load", begin);
})();
