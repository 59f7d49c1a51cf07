// Files of a message: chosen, dropped or pasted, shown before they are sent, and how far they are. The file input holds
// them, so that the form sends the same without this script. `headroomUpload` is what sending.js sends files by.
(function () {
  "use strict";
  const SILENCE = 60000;
  const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

  function parts(form) {
    const box = form.querySelector("[data-files]");
    return box && { box, input: box.querySelector("input[type=file]"), list: box.querySelector("[data-chosen]"), bar: box.querySelector("progress") };
  }

  function hold(input, files) {
    const held = new DataTransfer();
    files.forEach((file) => held.items.add(file));
    input.files = held.files;
  }

  function draw(form) {
    const { box, input, list, bar } = parts(form);
    const files = [...input.files];
    list.replaceChildren(...files.map((file, place) => row(form, box, file, place)));
    list.hidden = !files.length;
    bar.hidden = true;
    const together = files.reduce((sum, file) => sum + file.size, 0);
    const large = files.find((file) => file.size > Number(box.dataset.most));
    const wrong = large ? `${large.name} ${box.dataset.tooLarge}` : together > Number(box.dataset.mostTogether) ? box.dataset.tooMuch : "";
    input.setCustomValidity(wrong);
    if (wrong) {
      const said = document.createElement("li");
      said.className = "red small";
      said.setAttribute("role", "alert");
      said.textContent = wrong;
      list.append(said);
    }
    form.querySelectorAll("textarea").forEach((text) => {
      if (text.required) text.dataset.wanted = "1";
      if (text.dataset.wanted) text.required = !files.length;
    });
  }

  function row(form, box, file, place) {
    const line = document.createElement("li");
    const name = document.createElement("bdi");
    name.textContent = file.name;
    const how = document.createElement("span");
    how.className = "small faint";
    how.textContent = size(file.size);
    const out = document.createElement("button");
    out.type = "button";
    out.className = "btn-link-plain";
    out.textContent = box.dataset.remove;
    out.setAttribute("aria-label", `${box.dataset.remove}: ${file.name}`);
    out.addEventListener("click", () => {
      const { input } = parts(form);
      hold(input, [...input.files].filter((_, other) => other !== place));
      draw(form);
      input.focus();
    });
    line.append(name, " ", how, " ", out);
    return line;
  }

  function add(form, files) {
    const { input } = parts(form);
    hold(input, [...input.files, ...files]);
    draw(form);
  }

  const formOf = (event) => event.target instanceof Element && event.target.closest("form[data-takes-files]");
  const carriesFiles = (transfer) => transfer && [...transfer.types].includes("Files");

  document.addEventListener("change", (event) => {
    const form = formOf(event);
    if (form && event.target.type === "file") draw(form);
  });
  document.addEventListener("paste", (event) => {
    const form = formOf(event);
    const files = [...(event.clipboardData?.files || [])];
    if (!form || !files.length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    add(form, files);
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      const form = formOf(event);
      if (!form || !carriesFiles(event.dataTransfer)) return;
      event.preventDefault();
      form.classList.toggle("is-dropped-on", name === "dragover");
      if (name === "drop") add(form, [...event.dataTransfer.files]);
    });
  }
  document.addEventListener("reset", (event) => {
    if (event.target.matches("form[data-takes-files]")) setTimeout(() => draw(event.target));
  });

  // As fetch answers, with a bar that moves; given up where nothing moves for a minute.
  window.headroomUpload = function (address, body, headers, form) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const bar = parts(form)?.bar;
      let silence;
      const listen = () => { clearTimeout(silence); silence = setTimeout(() => request.abort(), SILENCE); };
      request.open("POST", address);
      Object.entries(headers).forEach(([name, value]) => request.setRequestHeader(name, value));
      request.upload.addEventListener("progress", (event) => {
        listen();
        if (!bar || !event.lengthComputable) return;
        bar.hidden = false;
        bar.value = event.loaded / event.total;
      });
      const over = (settle) => () => { clearTimeout(silence); if (bar) bar.hidden = true; settle(); };
      request.addEventListener("load", over(() => resolve({
        ok: request.status >= 200 && request.status < 300,
        status: request.status,
        headers: { get: (name) => request.getResponseHeader(name) },
        text: async () => request.responseText,
      })));
      for (const name of ["error", "abort"]) request.addEventListener(name, over(() => reject(new Error(name))));
      listen();
      request.send(body);
    });
  };
})();
