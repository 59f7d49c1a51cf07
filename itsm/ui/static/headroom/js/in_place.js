// Fields edited in place show what is saved, never what is only wanted: until the server has said yes the old value
// stands, also after a refusal, a lost connection, and when the browser brings an old page back.
(function () {
  "use strict";
  const isInPlace = (form) => Boolean(form?.matches?.("form") && form.querySelector("[data-sends]") && form.hasAttribute("hx-post"));

  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.detail.elt;
    if (!isInPlace(form)) return;
    const wanted = [...form.querySelectorAll("[data-sends]")].map((field) => [field, field.value]);
    form.wanted = wanted; // kept beside the form, for another try
    form.dataset.wanted = wanted.map(([field]) => field.selectedOptions?.[0]?.textContent || field.value).join(", ");
    form.reset();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (isInPlace(form)) delete form.dataset.wanted;
  });
  // "Try again" means the value that was wanted then.
  document.addEventListener("headroom:again", (event) => {
    event.target.wanted?.forEach(([field, value]) => { field.value = value; });
  });
  const settle = () => document.querySelectorAll("form[hx-post]").forEach((form) => { if (isInPlace(form)) form.reset(); });
  window.addEventListener("pageshow", settle);
})();
