// Before the first paint: the theme that was chosen, or the system's. Kept in this browser only.
(function () {
  "use strict";
  var root = document.documentElement;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var order = ["auto", "light", "dark"];
  function chosen() {
    try { return localStorage.getItem("headroom-theme") || "auto"; } catch (error) { return "auto"; }
  }
  function show() {
    var theme = chosen();
    root.dataset.theme = order.includes(theme) ? theme : "auto";
    root.dataset.bsTheme = theme === "dark" || (theme !== "light" && dark.matches) ? "dark" : "light";
    document.dispatchEvent(new CustomEvent("headroom:theme"));
  }
  show();
  dark.addEventListener("change", show);
  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-theme-next]")) return;
    var next = order[(order.indexOf(root.dataset.theme) + 1) % order.length];
    try { localStorage.setItem("headroom-theme", next); } catch (error) { root.dataset.theme = next; }
    show();
  });
})();
