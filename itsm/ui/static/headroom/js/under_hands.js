// What renews itself is not taken from under somebody's hands: while it holds the focus, or something in it is open, the
// swap waits, and comes again with the next question.
(function () {
  "use strict";
  const isHeld = (element) => element.matches("[data-not-under-hands]")
    && (element.contains(document.activeElement) || Boolean(element.querySelector("details[open], dialog[open]")));
  for (const name of ["htmx:beforeSwap", "htmx:oobBeforeSwap"]) {
    document.addEventListener(name, (event) => {
      if (event.detail.target && isHeld(event.detail.target)) event.detail.shouldSwap = false;
    });
  }
})();
