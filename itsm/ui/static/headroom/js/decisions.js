// Countdowns by data-countdown="instant"; and "previous, next" of the list one came from.
(function () {
  "use strict";
  const two = (number) => String(number).padStart(2, "0");

  function left(seconds) {
    const distance = Math.abs(seconds);
    const [hours, minutes] = [Math.floor(distance / 3600), Math.floor(distance / 60) % 60];
    if (hours >= 48) return `${Math.floor(hours / 24)}\u202fd`;
    return hours ? `${hours}:${two(minutes)}\u202fh` : `${minutes}:${two(Math.floor(distance) % 60)}\u202fmin`;
  }

  function renew() {
    const words = document.getElementById("words").dataset;
    document.querySelectorAll("[data-countdown]").forEach((place) => {
      const seconds = (Date.parse(place.dataset.countdown) - Date.now()) / 1000;
      place.textContent = (seconds >= 0 ? words.in : words.ago).replace("%(length)s", left(seconds));
    });
  }
  renew();
  setInterval(renew, 1000);

  // A list remembers its rows for this tab of the browser; a record finds its neighbours there.
  const list = document.querySelector("[data-remembers]");
  const place = document.querySelector("[data-neighbours]");
  const key = (name) => `headroom-rows-${name}`;
  try {
    if (list) {
      const rows = [...list.querySelectorAll("[data-row] a.title")].map((link) => link.getAttribute("href"));
      sessionStorage.setItem(key(list.dataset.remembers), JSON.stringify(rows));
    }
    if (place) {
      const rows = JSON.parse(sessionStorage.getItem(key(place.dataset.neighbours)) || "[]");
      const at = rows.indexOf(location.pathname);
      const show = (link, address) => {
        if (!address) return;
        link.href = address;
        link.querySelector("span").textContent = address.split("/").filter(Boolean).pop();
        link.hidden = place.hidden = false;
      };
      if (at >= 0) {
        show(place.querySelector("[rel=prev]"), rows[at - 1]);
        show(place.querySelector("[rel=next]"), rows[at + 1]);
      }
    }
  } catch (error) {
    // Without storage there are no neighbours; nothing else depends on it.
  }
})();
