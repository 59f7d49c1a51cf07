// How old what is read is: a copy goes on being served while what makes it is down, and says so.
(() => {
  const made = document.querySelector("[data-made]");
  const shown = document.querySelector("[data-age]");
  if (!made || !shown) return;
  const say = () => {
    const minutes = Math.floor((Date.now() - Date.parse(made.dateTime)) / 60000);
    const old = minutes >= 5;
    shown.classList.toggle("old", old);
    const text = old ? `This copy is ${minutes} minutes old: newer words may be delayed.` : "";
    if (shown.textContent !== text) shown.textContent = text;
  };
  say();
  setInterval(say, 30000);
})();
