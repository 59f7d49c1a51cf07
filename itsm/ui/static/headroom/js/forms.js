// Long forms, only as long as they must be: data-shows-for="field=value,value" shows a part while a field has one
// of these values. Without scripts every part stays visible, and what does not apply is passed over.
(function () {
  "use strict";

  function valueOf(form, name) {
    const field = form.elements[name];
    return field ? String(field.value) : "";
  }

  function show(form) {
    form.querySelectorAll("[data-shows-for]").forEach((part) => {
      const [name, values] = part.dataset.showsFor.split("=");
      part.hidden = !values.split(",").includes(valueOf(form, name)) && !part.querySelector(".wrong, .wrongs");
    });
  }

  // Rows of a composite: one click takes a row's words away, and the next empty row comes when the last is begun.
  function fold(form) {
    const rows = [...form.querySelectorAll("[data-member]")];
    const isEmpty = (row) => [...row.querySelectorAll("input")].every((input) => !input.value);
    let empty = 0;
    rows.forEach((row, place) => {
      if (!isEmpty(row)) empty = 0;
      else empty += 1;
      row.hidden = isEmpty(row) && empty > 1 && place > 1;
    });
  }

  // A slug follows the name (data-slug-of="its id") until somebody types one.
  function slugOf(name) {
    const plain = name.normalize("NFKD").replace(/[^\x00-\x7f]/g, "").toLowerCase();
    return plain.replace(/[^a-z0-9]+/g, "-").slice(0, 63).replace(/^-+|-+$/g, "");
  }

  function follow(slug) {
    const name = document.getElementById(slug.dataset.slugOf);
    if (!name || slug.dataset.follows) return;
    slug.dataset.follows = "1";
    let made = slugOf(name.value);
    name.addEventListener("input", () => {
      if (slug.value && slug.value !== made) return;
      made = slug.value = slugOf(name.value);
    });
  }

  function begin() {
    document.querySelectorAll("[data-slug-of]").forEach(follow);
    document.querySelectorAll("form[data-shows]").forEach((form) => {
      if (form.dataset.begun) return;
      form.dataset.begun = "1";
      form.querySelectorAll("[data-needless]").forEach((button) => { button.hidden = true; });
      form.addEventListener("input", () => { show(form); fold(form); });
      form.addEventListener("change", () => { show(form); fold(form); });
      show(form);
      fold(form);
    });
  }
  begin();
  document.addEventListener("htmx:load", begin);
})();
