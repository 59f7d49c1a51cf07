// One key for each thing that is visible: elements say theirs with data-key ("g i", "/", "a"). A person may choose other
// keys, or none (data-keys on the body). Keys never act while one is typing, nor with Ctrl, Alt or Meta, nor on a word
// typed by mistake: a letter acts once it has stood alone for a moment. What would write is asked about first.
(function () {
  "use strict";
  const ALONE = 350; // ms of silence around a letter
  const SECOND = 1200; // ms in which the second key of "g i" is waited for
  const chosen = JSON.parse(document.body.dataset.keys || "{}");
  const meant = Object.fromEntries(Object.entries(chosen.map || {}).map(([usual, own]) => [own, usual]));
  const words = () => document.getElementById("words").dataset;
  let begun = "";
  let heard = -Infinity;
  let waiting = 0;
  let inWord = false;

  const isTyping = (element) =>
    element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && !/^(checkbox|radio|button|submit)$/.test(element.type);
  const isSeen = (element) => element.offsetParent !== null || element.getClientRects().length > 0;
  const keyed = () => [...document.querySelectorAll("[data-key]")].filter(isSeen);
  const isWord = (key) => /^[\p{L}\p{N} ]$/u.test(key);
  const own = (usual) => (chosen.map || {})[usual] || usual;
  const usual = (pressed) => meant[pressed] || ((chosen.map || {})[pressed] ? "" : pressed);
  const cap = (keys) => keys.split(" ").map(own).join(" ");
  // Lines of the navigation are many, and all say the same of their key.
  const goes = (element) => element.matches("a.side-entry") && words().go.replace("%(name)s", element.querySelector("span").textContent);
  const nameOf = (element) => element.dataset.keyName || goes(element) || element.getAttribute("aria-label") || element.textContent.trim();
  const writes = (element) => element.matches("button:not([type=button]):not([type=reset]), input[type=submit]")
    && (element.form?.getAttribute("method") || "").toLowerCase() === "post";

  function arm(element) {
    element.focus();
    element.classList.add("is-armed");
    element.addEventListener("blur", () => element.classList.remove("is-armed"), { once: true });
    element.dataset.armed = words().armed.replace("%(name)s", nameOf(element));
    const line = document.getElementById("key-line");
    line.textContent = element.dataset.armed;
    line.hidden = false;
    element.addEventListener("blur", () => { line.hidden = true; }, { once: true });
  }

  // A box with several ways to be sent is sent by the one that its key began: n notes, r replies.
  function sendsBy(form, button) {
    form.sendsBy = button;
    const says = form.querySelector("[data-sends-as]");
    if (!says) return;
    says.dataset.usual ??= says.textContent;
    says.textContent = button ? says.dataset.sendsAs : says.dataset.usual;
  }
  function writeBy(button) {
    sendsBy(button.form, button);
    document.getElementById(button.dataset.writesIn)?.focus();
  }

  document.addEventListener("headroom:reply", () => {
    const button = document.querySelector("[data-writes-in]");
    if (button) writeBy(button);
    else document.getElementById("id_text")?.focus();
  });

  function act(element) {
    if (!element.isConnected || document.querySelector("dialog[open]") || isTyping(document.activeElement)) return;
    if ("writesIn" in element.dataset) {
      writeBy(element);
    } else if ("keyInto" in element.dataset) {
      if (element.matches("details")) element.open = true;
      element.querySelector("a[href], button, select, textarea, input:not([type=hidden])")?.focus();
    } else if (element.matches("input:not([type=checkbox]), textarea, select")) {
      if (element.form) sendsBy(element.form, null);
      element.focus();
      element.select?.();
    } else if (writes(element)) {
      arm(element);
    } else {
      element.click();
    }
  }

  // What each row offers by the same key is meant of the row one is on, never of another; on none, of the first.
  function find(keys) {
    const found = keyed().filter((element) => element.dataset.key === keys || element.dataset.keyAlso === keys);
    const mine = found.find((element) => element.closest("[data-row].is-here"));
    if (mine || !document.querySelector("[data-row].is-here")) return mine || found[0];
    return found.find((element) => !element.closest("[data-row]"));
  }
  const tellRows = (key) => document.dispatchEvent(new CustomEvent("headroom:row", { detail: key }));
  const hasRows = () => Boolean(document.querySelector("[data-rows] [data-row]"));

  // What this key does here, or nothing: an element, a row's movement, the list of actions.
  function deed(keys) {
    const element = find(keys);
    if (element) return () => act(element);
    if (/^[oxJK]$/.test(keys) && hasRows()) return () => tellRows(keys);
    if (keys === "." || keys === ":") return () => document.dispatchEvent(new CustomEvent("headroom:actions"));
    return null;
  }

  // On a row of a list one is at work, not at writing: its verbs do not wait to see whether they become a word.
  // Nor does selecting and opening it, or x j x j would be taken for a word.
  const isAtOnce = (keys) =>
    Boolean(document.querySelector("[data-row].is-here")) && (find(keys)?.hasAttribute("data-at-once") ?? /^[oxJK]$/.test(keys));

  function hear(event) {
    const quiet = event.timeStamp - heard > ALONE;
    const isMove = !begun && /^[jk]$/.test(usual(event.key)) && !find(usual(event.key)) && hasRows();
    clearTimeout(waiting); // a letter right after one that waits makes both a word
    if (quiet) inWord = false;
    if (isMove && !inWord) {
      event.preventDefault();
      tellRows(usual(event.key));
      return;
    }
    const keys = begun ? `${begun} ${usual(event.key)}` : usual(event.key);
    const isSecond = Boolean(begun);
    begun = "";
    heard = event.timeStamp;
    if (!isSecond && !quiet && isWord(event.key)) inWord = true;
    if (inWord || event.repeat) return;
    const does = deed(keys);
    if (does && isAtOnce(keys)) {
      event.preventDefault();
      heard = -Infinity; // the next key is one of its own, however soon it comes
      does();
    } else if (does) {
      event.preventDefault();
      if (isWord(event.key)) waiting = setTimeout(does, ALONE);
      else does();
    } else if (keyed().some((element) => element.dataset.key.startsWith(`${usual(event.key)} `))) {
      begun = usual(event.key);
      setTimeout(() => { if (begun === usual(event.key)) begun = ""; }, SECOND);
    }
  }

  document.addEventListener("keydown", (event) => {
    const typing = isTyping(event.target);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit(event.target.form.sendsBy || null);
      return;
    }
    if (typing && event.key === "Escape") event.target.blur();
    if (event.key === "Escape") document.querySelector(".is-armed")?.blur();
    if (typing || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.key.length !== 1) return;
    if (chosen.off || document.querySelector("dialog[open]")) return;
    hear(event);
  });

  // Hints say the person's own keys; where keys are off there are none.
  function hints(root) {
    root.querySelectorAll?.("[data-cap]").forEach((hint) => {
      hint.hidden = Boolean(chosen.off);
      hint.textContent = cap(hint.dataset.cap);
    });
  }
  hints(document);
  document.addEventListener("htmx:load", (event) => hints(event.target));

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
      name.textContent = nameOf(element);
      const keys = document.createElement("dd");
      [element.dataset.key, element.dataset.keyAlso].filter(Boolean).flatMap((key) => cap(key).split(" ")).forEach((key) => {
        const shown = document.createElement("kbd");
        shown.textContent = key;
        keys.append(shown, " ");
      });
      line.append(name, keys);
      return [line];
    }));
  });
})();
