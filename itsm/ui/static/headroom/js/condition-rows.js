// Rows of a condition: of a chosen question only what can be asked of it is offered, and its options by name.
// Without scripts every row stands there and takes the same words.
(function () {
  "use strict";

  function fit(row, known) {
    const [question, op, value] = row.querySelectorAll("select, input");
    const found = known[question.value];
    for (const option of op.options) option.hidden = option.disabled = Boolean(found) && !found.ops.includes(option.value);
    if (found && !found.ops.includes(op.value)) op.value = found.ops[0];
    const needless = !found || op.value === "empty" || op.value === "filled";
    value.closest(".field").hidden = needless;
    op.closest(".field").hidden = !found;
    offer(row, value, found);
  }

  function offer(row, value, found) {
    let list = row.querySelector("datalist");
    if (!list) {
      list = document.createElement("datalist");
      list.id = `${value.id}-offered`;
      row.append(list);
      value.setAttribute("list", list.id);
    }
    list.replaceChildren(...(found ? found.values : []).map(([key, label]) => {
      const option = document.createElement("option");
      option.value = key;
      option.label = label;
      return option;
    }));
  }

  // One empty row behind those that say something.
  function fold(rows) {
    let empty = 0;
    for (const row of rows) {
      empty = row.querySelector("select").value ? 0 : empty + 1;
      row.hidden = empty > 1;
    }
  }

  function begin() {
    document.querySelectorAll("[data-conditions]").forEach((box) => {
      if (box.dataset.begun) return;
      box.dataset.begun = "1";
      const known = JSON.parse(document.getElementById(box.dataset.conditions).textContent);
      const rows = [...box.querySelectorAll("[data-condition]")];
      const react = () => { rows.forEach((row) => fit(row, known)); fold(rows); };
      box.addEventListener("change", react);
      react();
    });
  }
  begin();
  document.addEventListener("htmx:load", begin);
})();
