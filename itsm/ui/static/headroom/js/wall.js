// The wall-board: full screen, and keeping the last picture when no new one comes.
(function () {
  "use strict";
  const tiles = document.getElementById("wall-tiles");
  const away = document.getElementById("wall-away");
  const button = document.querySelector("[data-full-screen]");
  let since = null;

  if (document.documentElement.requestFullscreen) {
    button.hidden = false;
    button.addEventListener("click", () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else document.documentElement.requestFullscreen().catch(() => {});
    });
  }

  function missed() {
    since ||= new Date();
    const at = since.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    away.textContent = away.dataset.away.replace("%(at)s", at);
    away.hidden = false;
    tiles.classList.add("is-old");
  }

  // Only tiles take the place of tiles: never a sign-in page, a proxy's error, or half an answer.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== tiles) return;
    if (event.detail.xhr.getResponseHeader("X-Wall") !== "tiles" || event.detail.xhr.status !== 200) {
      event.detail.shouldSwap = false;
      missed();
      return;
    }
    since = null;
    away.hidden = true;
    tiles.classList.remove("is-old");
  });
  ["htmx:sendError", "htmx:timeout", "htmx:responseError"].forEach((name) => document.addEventListener(name, missed));
  window.addEventListener("online", () => tiles.dispatchEvent(new Event("wall-now")));
})();
