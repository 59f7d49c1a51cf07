// The link of a mail has the answer in it: the page sends it, so that one click is enough. A program that only reads the
// link runs no script, and answers nothing.
(function () {
  "use strict";
  const form = document.querySelector("form[data-one-click]");
  const chosen = form && form.querySelector(`button[value="${CSS.escape(form.dataset.oneClick)}"]`);
  if (chosen) form.requestSubmit(chosen);
})();
