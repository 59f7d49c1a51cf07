// Second factors in the browser: a security key or a passkey is asked on a click, and what it says goes with the form.
// A form says what it wants by data attributes; loaded with it, it may be loaded more than once.
(function () {
  "use strict";
  if (window.headroomProof) return;
  window.headroomProof = true;
  const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value || "";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const say = (button, what) => {
    const says = button.parentElement.querySelector("[data-key-says]");
    if (says) says.textContent = says.dataset[what] || "";
  };

  async function options(address) {
    const answer = await fetch(address, { method: "POST", headers: { "X-CSRFToken": token() }, credentials: "same-origin" });
    if (!answer.ok) throw new Error("refused");
    return answer.json();
  }

  function read(asked) {
    const made = { ...asked, challenge: bytes(asked.challenge) };
    if (made.user) made.user = { ...made.user, id: bytes(made.user.id) };
    for (const list of ["allowCredentials", "excludeCredentials"]) {
      if (made[list]) made[list] = made[list].map((one) => ({ ...one, id: bytes(one.id) }));
    }
    return made;
  }

  function written(given) {
    const said = { id: given.id, rawId: text(given.rawId), type: given.type, response: {}, clientExtensionResults: given.getClientExtensionResults() };
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (given.response[name]) said.response[name] = text(given.response[name]);
    }
    if (given.response.getTransports) said.response.transports = given.response.getTransports();
    return JSON.stringify(said);
  }

  async function ask(button) {
    const form = button.closest("form");
    const input = form.querySelector(`[name="${button.dataset.keyInto}"]`);
    if (!window.PublicKeyCredential) { say(button, "noWay"); return; }
    button.disabled = true;
    say(button, "waiting");
    try {
      const { publicKey } = await options(button.dataset.keyOptions);
      const makes = button.dataset.keyAsks === "create";
      const given = await navigator.credentials[makes ? "create" : "get"]({ publicKey: read(publicKey) });
      input.value = written(given);
      say(button, "done");
    } catch {
      input.value = "";
      say(button, "failed");
      return;
    } finally {
      button.disabled = false;
    }
    // Where one button sends the form, it is sent; where several do, the person says which.
    const sends = [...form.querySelectorAll("button:not([type=button])")];
    if (sends.length === 1) form.requestSubmit(sends[0]);
    else sends[0]?.focus();
  }

  // Signing in with a passkey is offered where the browser has any, and where an address has a name.
  const passkeys = document.querySelector("form[data-passkey]");
  if (passkeys && window.PublicKeyCredential && window.isSecureContext && !/^[\d.]+$|:/.test(location.hostname)) passkeys.hidden = false;

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-key-options]");
    if (button) { event.preventDefault(); ask(button); }
    const away = event.target.closest("a[data-comes-back]");
    if (away) {
      const to = new URL(away.href);
      to.searchParams.set("next", location.pathname + location.search);
      away.href = to.href;
    }
  });
})();
