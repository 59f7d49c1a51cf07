// One key for each thing that is visible: elements say theirs with data-key ("g i", "/", "a").
// Keys never act while one is typing, and never with Ctrl, Alt or Meta, which belong to the browser.
(function () {
  "use strict";
  let begun = "";
  let forget = 0;

  const isTyping = (element) =>
    element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && !/^(checkbox|radio|button|submit)$/.test(element.type);
  const isSeen = (element) => element.offsetParent !== null || element.getClientRects().length > 0;
  const keyed = () => [...document.querySelectorAll("[data-key]")].filter(isSeen);

  function act(element) {
    if (element.matches("input:not([type=checkbox]), textarea, select")) {
      element.focus();
      element.select?.();
    } else {
      element.click();
    }
  }

  function toActions() {
    const place = document.querySelector("[data-actions]");
    if (!place) return false;
    if (place.matches("details")) place.open = true;
    const first = place.querySelector("a[href], button:not([disabled]), summary");
    first?.scrollIntoView({ block: "nearest" });
    first?.focus();
    return Boolean(first);
  }

  document.addEventListener("keydown", (event) => {
    const typing = isTyping(event.target);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
      return;
    }
    if (typing && event.key === "Escape") event.target.blur();
    if (typing || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "." && toActions()) { event.preventDefault(); return; }
    const pressed = begun ? `${begun} ${event.key}` : event.key;
    const chosen = keyed().find((element) => element.dataset.key === pressed || element.dataset.keyAlso === pressed);
    clearTimeout(forget);
    begun = "";
    if (chosen) {
      event.preventDefault();
      act(chosen);
    } else if (keyed().some((element) => element.dataset.key.startsWith(`${event.key} `))) {
      begun = event.key;
      forget = setTimeout(() => { begun = ""; }, 1200);
    }
  });

  // The overlay lists the keys of this very page.
  document.addEventListener("headroom:opens", (event) => {
    const list = event.target.querySelector?.("[data-keys-here]");
    if (!list) return;
    const seen = new Set();
    list.replaceChildren(...keyed().flatMap((element) => {
      if (seen.has(element.dataset.key) || list.contains(element)) return [];
      seen.add(element.dataset.key);
      const line = document.createElement("div");
      const name = document.createElement("dt");
      name.textContent = element.dataset.keyName || element.getAttribute("aria-label") || element.textContent.trim();
      const keys = document.createElement("dd");
      [element.dataset.key, element.dataset.keyAlso].filter(Boolean).join(" ").split(" ").forEach((key) => {
        const cap = document.createElement("kbd");
        cap.textContent = key;
        keys.append(cap, " ");
      });
      line.append(name, keys);
      return [line];
    }));
  });
})();
