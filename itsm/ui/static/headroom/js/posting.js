// What the scripts of lists share: a request with the page's token, and a fresh row in the place of the one that was.
window.headroom = (function () {
  "use strict";
  const PATIENCE = 30000;
  const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

  // The answer; a redirect (to signing in) is not followed. Rejected where none comes in time.
  function post(address, fields, { headers = {}, patience = PATIENCE } = {}) {
    return fetch(address, {
      method: "POST", body: new URLSearchParams(fields), headers: { "X-CSRFToken": token(), ...headers },
      redirect: "manual", signal: AbortSignal.timeout(patience),
    });
  }

  // `drawn`: the row as the server draws it, as text or as an element. The cursor stays on it, and the focus.
  function swapRow(row, drawn) {
    const holder = document.createElement("template");
    if (typeof drawn === "string") holder.innerHTML = drawn;
    const fresh = document.importNode(typeof drawn === "string" ? holder.content.querySelector("[data-row]") : drawn, true);
    const hadFocus = row.contains(document.activeElement);
    fresh.classList.toggle("is-here", row.classList.contains("is-here"));
    row.replaceWith(fresh);
    if (hadFocus) fresh.querySelector("a.title")?.focus({ preventScroll: true });
    return fresh;
  }

  // What the server says of a refusal; pages and redirects say nothing that fits a line.
  const isPlain = (answer) => (answer.headers.get("Content-Type") || "").startsWith("text/plain");

  return { token, post, swapRow, isPlain };
})();
