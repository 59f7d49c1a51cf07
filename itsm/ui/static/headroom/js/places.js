// What stands in which order (the columns of a list) is moved by buttons. Without this script each has a number to type;
// the numbers are what is sent either way.
(function () {
  "use strict";
  const said = (text, name) => text.replace("%(name)s", name);

  function button(sign, label, does) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-quiet btn-small";
    made.textContent = sign;
    made.setAttribute("aria-label", label);
    made.title = label;
    made.addEventListener("click", does);
    return made;
  }

  function arrange(box) {
    const words = box.dataset;
    const shown = document.createElement("ol");
    shown.className = "places-shown";
    const others = document.createElement("ul");
    others.className = "places-others";
    others.setAttribute("aria-label", words.others);
    const live = document.createElement("p");
    live.className = "visually-hidden";
    live.setAttribute("role", "status");

    function number() {
      [...shown.children].forEach((line, at) => { line.box.value = at + 1; });
      [...others.children].forEach((line) => { line.box.value = ""; });
      shown.lastElementChild?.box.dispatchEvent(new Event("input", { bubbles: true }));
    }
    function tell(line) {
      const at = [...shown.children].indexOf(line) + 1;
      live.textContent = at ? `${line.name}: ${at}` : said(words.away, line.name);
    }
    function moved(line, focused) {
      number();
      tell(line);
      line.querySelector(`[data-does=${focused}]`)?.focus();
    }
    function dress(line, isShown) {
      line.querySelectorAll("button").forEach((one) => one.remove());
      const acts = isShown
        ? [
            ["up", "↑", words.up, () => { line.previousElementSibling?.before(line); moved(line, "up"); }],
            ["down", "↓", words.down, () => { line.nextElementSibling?.after(line); moved(line, "down"); }],
            ["away", "×", words.away, () => { dress(line, false); others.append(line); moved(line, "add"); }],
          ]
        : [["add", "+", words.add, () => { dress(line, true); shown.append(line); moved(line, "up"); }]];
      for (const [name, sign, label, does] of acts) {
        const made = button(sign, said(label, line.name), does);
        made.dataset.does = name;
        line.append(made);
      }
    }

    const labels = [...box.querySelectorAll("label")].sort((a, b) => (a.querySelector("input").value || 99) - (b.querySelector("input").value || 99));
    for (const label of labels) {
      const line = document.createElement("li");
      line.box = label.querySelector("input");
      line.name = label.querySelector("bdi").textContent;
      line.append(label.querySelector("bdi"), line.box);
      line.box.hidden = true;
      dress(line, Boolean(line.box.value));
      (line.box.value ? shown : others).append(line);
    }
    box.querySelector("[data-plain]").replaceWith(shown, others, live);
  }

  document.querySelectorAll("[data-places]").forEach(arrange);
})();
