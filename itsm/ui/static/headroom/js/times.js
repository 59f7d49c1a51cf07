// "12 min ago" stays true while the page is open: the same words as itsm/ui/figures.py.
(function () {
  "use strict";
  const units = [[60, 60, "min"], [3600, 48, "h"], [86400, 45, "d"]];
  const words = document.getElementById("words").dataset;

  function said(instant) {
    const seconds = Math.trunc((Date.now() - instant) / 1000);
    const distance = Math.abs(seconds);
    if (distance < 60) return seconds >= 0 ? words.now : words.soon;
    for (const [size, most, unit] of units) {
      if (distance < size * most) {
        const length = `${Math.floor(distance / size)}\u202f${unit}`;
        return (seconds >= 0 ? words.ago : words.in).replace("%(length)s", length);
      }
    }
    return null;
  }

  function renew() {
    document.querySelectorAll("time[datetime]").forEach((time) => {
      const text = said(Date.parse(time.dateTime));
      if (text && text !== time.textContent) time.textContent = text;
    });
  }
  setInterval(renew, 20000);
})();
