// How long one has been at something, such as an item of a meeting: data-timer names it. Who comes back to it in the
// same tab goes on counting; a tab that nobody sees does not count.
(function () {
  "use strict";
  const EVERY = 1000;
  const timer = document.querySelector("[data-timer]");
  if (!timer) return;
  const name = `timer ${timer.dataset.timer}`;
  let seconds = Number(sessionStorage.getItem(name)) || 0;

  function show() {
    timer.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
  show();
  setInterval(() => {
    if (document.hidden) return;
    seconds += 1;
    sessionStorage.setItem(name, seconds);
    show();
  }, EVERY);
})();
