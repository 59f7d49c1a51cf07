// Countdowns by data-countdown="instant".
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
})();
