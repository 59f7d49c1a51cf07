// Asks the browser, on a click alone, to show news on this device; what it is given goes to the server with the form.
(function () {
  "use strict";
  const form = document.querySelector("form[data-push]");
  const says = form?.querySelector("[data-push-says]");
  const say = (what) => { says.textContent = says.dataset[what] || ""; };
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  async function subscription() {
    const worker = await navigator.serviceWorker.register(form.dataset.worker, { scope: "/" });
    await navigator.serviceWorker.ready;
    const before = await worker.pushManager.getSubscription();
    // Of another key, such as of the desk before it was set up anew: it would refuse ours.
    if (before && text(before.options.applicationServerKey) !== form.dataset.push) await before.unsubscribe();
    return worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(form.dataset.push) });
  }

  form?.querySelector("[data-push-ask]").addEventListener("click", async () => {
    if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) { say("noWay"); return; }
    if ((await Notification.requestPermission()) !== "granted") { say("refused"); return; }
    let given;
    try {
      given = await subscription();
    } catch {
      say("failed");
      return;
    }
    form.elements.name.value = navigator.userAgent.slice(0, 120);
    form.elements.endpoint.value = given.endpoint;
    form.elements.p256dh.value = text(given.getKey("p256dh"));
    form.elements.auth.value = text(given.getKey("auth"));
    form.requestSubmit();
  });
})();
