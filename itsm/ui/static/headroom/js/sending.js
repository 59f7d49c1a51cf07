// One submit is one record, and nothing that was written is lost on the way: a form is sent once at a time, by fetch,
// so that no answer, a refusal and an ended session all find the page as it was. The server has its own guard
// (itsm/ui/sending.py); a form sent again after no answer carries the same token and makes nothing twice.
(function () {
  "use strict";
  const PATIENCE = 30000;
  const words = () => document.getElementById("words").dataset;
  const isSent = (form) => form instanceof HTMLFormElement && (form.getAttribute("method") || "").toLowerCase() === "post";
  const isOurs = (form) => !form.hasAttribute("hx-post") && !("plain" in form.dataset);
  // Pages that come in between: whoever has shown there who they are comes back to what they wrote.
  const comesBack = (address) => [words().signIn, words().prove].includes(new URL(address, location.href).pathname);
  const tell = (name, form, detail = {}) => form.dispatchEvent(new CustomEvent(`headroom:${name}`, { bubbles: true, detail }));

  function lock(form, held) {
    form.classList.toggle("is-sending", held);
    if (held) form.setAttribute("aria-busy", "true");
    else form.removeAttribute("aria-busy");
  }

  // Capturing, before htmx hears of it: a second submit while the first is under way is none.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!isSent(form) || event.defaultPrevented) return;
    if (form.classList.contains("is-sending")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    lock(form, true);
    if (!isOurs(form)) return;
    event.preventDefault();
    send(form, event.submitter);
  }, true);

  async function send(form, submitter) {
    const address = submitter?.getAttribute("formaction") || form.getAttribute("action") || location.href;
    const fields = new FormData(form, submitter);
    const body = form.enctype === "multipart/form-data" ? fields : new URLSearchParams(fields);
    const headers = { "Headroom-Form": "1" };
    const options = { method: "POST", body, headers, signal: AbortSignal.timeout(PATIENCE) };
    const carries = [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length);
    let answer;
    let text;
    try {
      answer = await (carries ? window.headroomUpload(address, body, headers, form) : fetch(address, options));
      text = await answer.text();
    } catch (error) {
      lock(form, false);
      tell("unanswered", form, { again: () => form.requestSubmit(submitter) });
      return;
    }
    const to = answer.headers.get("Headroom-Goes-To");
    if (to) {
      tell(comesBack(to) && !("ends" in form.dataset) ? "signed-out" : "saved", form);
      go(to, new URL(address, location.href).pathname === location.pathname);
      return;
    }
    lock(form, false);
    if (answer.headers.get("HX-Retarget") === "#toasts") toastFrom(text, form, submitter);
    else if (answer.status >= 500) tell("fault", form);
    else show(text, answer.ok, form);
  }

  // A record stays one step in the history, so that Back leads to the list it came from.
  function go(to, fromItsOwnPage) {
    const there = new URL(to, location.href);
    if (there.pathname === location.pathname && there.search === location.search) {
      history.replaceState(history.state, "", there.href);
      location.reload();
    } else if (fromItsOwnPage || comesBack(to)) {
      location.replace(there.href);
    } else {
      location.assign(there.href);
    }
  }

  // The answer is a page: its form with what is wrong, or what came out.
  function show(text, ok, form) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = page.getElementById("main");
    if (!fresh) { tell("fault", form); return; }
    if (ok) tell("saved", form);
    document.title = page.title;
    htmx.swap("#main", fresh.outerHTML, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
    const main = document.getElementById("main");
    // What came back is seen, wherever the button stood: the first field that is wrong, or the top of the answer.
    const wrong = main.querySelector("[aria-invalid=true]");
    if (!wrong) scrollTo({ top: 0, behavior: "instant" });
    (wrong || main).focus({ preventScroll: !wrong });
    main.querySelector(".wrongs")?.scrollIntoView({ block: "nearest" });
  }

  function toastFrom(text, form, submitter) {
    const toasts = document.getElementById("toasts");
    (form.closest("dialog") || document.body).append(toasts);
    toasts.insertAdjacentHTML("beforeend", text);
    toasts.querySelector("[data-toast]:last-child [data-sends-anew]")?.addEventListener("click", () => {
      const token = form.querySelector("[name=form_token]");
      if (token) token.value = crypto.randomUUID();
      form.requestSubmit(submitter);
    }, { once: true });
  }

  // The same for what htmx sends: dialogs, fields edited in place.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const to = event.detail.xhr.getResponseHeader("HX-Redirect");
    if (!to) return;
    event.preventDefault();
    const form = event.detail.elt.closest("form");
    if (form) tell(comesBack(to) ? "signed-out" : "saved", form);
    go(to, true);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest("form");
    if (form && !event.detail.xhr.getResponseHeader?.("HX-Redirect")) lock(form, false);
  });
  document.addEventListener("htmx:validation:halted", (event) => lock(event.detail.elt, false));
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => {
      const form = event.detail.elt.closest("form");
      if (!isSent(form || {})) return;
      lock(form, false);
      tell("unanswered", form, { again: () => form.requestSubmit() });
    });
  }
  // A page that comes back from the browser's own store is not under way any more.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form.is-sending").forEach((form) => lock(form, false));
  });
})();
