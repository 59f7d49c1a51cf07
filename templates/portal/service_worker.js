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
