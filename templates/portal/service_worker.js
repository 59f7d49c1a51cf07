{% load static %}// One page is kept, which is of nobody: what is said without a network. Everything else comes from the server, each time.
const KEPT = "offline-{% static "headroom/css/offline.css" as css %}{{ css|slice:"-24:" }}";
const OFFLINE = "{% url "portal:offline" %}";

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(KEPT).then((cache) => cache.addAll([OFFLINE, "{{ css }}", "{% static "headroom/mark.svg" %}"])).then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)))),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  } else if (request.method === "GET" && ["{{ css }}", "{% static "headroom/mark.svg" %}"].includes(new URL(request.url).pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(request)));
  }
});

// News on this device, also where its screen is locked. What it says was made for bystanders by the server.
const SHOWN = "{% url "accounts:push_shown" %}";

self.addEventListener("push", (event) => {
  let news;
  try { news = event.data.json(); } catch { return; }
  const { title, body, tag, path, why, why_words: whyWords, receipt } = news;
  event.waitUntil(
    self.registration
      .showNotification(title, { body, tag, renotify: true, icon: "{% static "headroom/mark.svg" %}", data: { path, why }, actions: [{ action: "why", title: whyWords }] })
      .then(() => fetch(SHOWN, { method: "POST", body: new URLSearchParams({ receipt }), credentials: "omit" }).catch(() => {})),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { path, why } = event.notification.data;
  const target = new URL(event.action === "why" ? why : path || "/notifications/", self.location.origin);
  if (target.origin !== self.location.origin) return;
  event.waitUntil(
    self.clients.matchAll({ type: "window" }).then((open) => {
      const here = open.find((one) => one.url === target.href);
      return here ? here.focus() : self.clients.openWindow(target.href);
    }),
  );
});
