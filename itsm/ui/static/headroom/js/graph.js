// A dependency graph by data-graph data-source="address": {nodes: [{id, label, tone, url, here}], edges: [{from, to, group}]}.
// Nodes with a `place` [x, y] lie there; with data-keeps="address" they can be moved, and that is told to the address.
(function () {
  "use strict";
  let loading = null;
  const drawn = new Map();
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function library() {
    loading ||= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = document.getElementById("assets").dataset.cytoscape;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });
    return loading;
  }

  const look = () => [
    { selector: "node", style: { label: "data(label)", "font-size": 13, "font-family": getComputedStyle(document.body).fontFamily, color: css("--ink"), "text-valign": "center", "text-halign": "center", shape: "round-rectangle", width: (node) => Math.min(190, 24 + node.data("label").length * 7), height: 30, "text-max-width": 174, "text-wrap": "ellipsis", "background-color": css("--surface"), "border-width": 1.5, "border-color": css("--line-strong") } },
    { selector: "node[?here]", style: { "background-color": css("--blue-wash"), "border-color": css("--blue-fill"), "border-width": 2, "font-weight": 700 } },
    ...["red", "amber", "green"].map((tone) => ({ selector: `node[tone="${tone}"]`, style: { "border-color": css(`--${tone}-fill`), "border-width": 2.5 } })),
    { selector: "edge", style: { width: 1.5, "line-color": css("--line-strong"), "target-arrow-color": css("--line-strong"), "target-arrow-shape": "triangle", "curve-style": "bezier", "arrow-scale": 0.9 } },
    { selector: "edge[group]", style: { "line-style": "dashed" } },
    { selector: ".is-aside", style: { opacity: 0.15 } },
    { selector: "edge.is-way", style: { width: 2, "line-color": css("--blue-fill"), "target-arrow-color": css("--blue-fill") } },
  ];

  // Of many arrows only those that lead to a node and on from it.
  function pointed(graph, node) {
    graph.elements().removeClass("is-aside is-way");
    if (!node || graph.edges().length < 12) return;
    const ways = node.predecessors().union(node.successors());
    graph.elements().difference(ways.union(node)).addClass("is-aside");
    ways.edges().addClass("is-way");
  }

  // As tall as its picture is at the width that there is: labels stay as large as they can be.
  function grown(place, graph) {
    const drawn = graph.elements().boundingBox();
    const zoom = Math.min(1, (place.clientWidth - 36) / drawn.w);
    place.style.height = `${Math.round(Math.max(place.clientHeight, Math.min(1100, drawn.h * zoom + 40)))}px`;
  }

  async function draw(place) {
    if (drawn.has(place)) return;
    drawn.set(place, null);
    try {
      const [answer] = await Promise.all([fetch(place.dataset.source, { headers: { Accept: "application/json" } }), library()]);
      const data = await answer.json();
      place.replaceChildren();
      const graph = window.cytoscape({
        container: place, style: look(), userZoomingEnabled: false, boxSelectionEnabled: false, autoungrabify: !place.dataset.keeps, minZoom: 0.1, maxZoom: 1.15,
        elements: [
          ...data.nodes.map(({ place: at, ...node }) => ({ data: { ...node, id: String(node.id), here: node.here ? 1 : 0 }, ...(at ? { position: { x: at[0], y: at[1] } } : {}) })),
          ...data.edges.map((edge) => ({ data: { source: String(edge.from), target: String(edge.to), ...(edge.group ? { group: edge.group } : {}) } })),
        ],
        layout: data.nodes.some((node) => node.place) ? { name: "preset", padding: 18 } : { name: "breadthfirst", directed: true, padding: 18, spacingFactor: 1.1, animate: false },
      });
      drawn.set(place, graph);
      graph.on("tap", "node", (event) => { const url = event.target.data("url"); if (url) location.assign(url); });
      graph.on("mouseover", "node", (event) => { place.classList.add("is-over"); pointed(graph, event.target); });
      graph.on("mouseout", "node", () => { place.classList.remove("is-over"); pointed(graph, null); });
      if (place.dataset.keeps) {
        grown(place, graph);
        // The wheel scrolls the page until somebody means the graph.
        graph.on("tap", (event) => { if (event.target === graph) graph.userZoomingEnabled(true); });
        place.addEventListener("pointerleave", () => graph.userZoomingEnabled(false));
        graph.on("dragfree", "node", (event) => {
          const { x, y } = event.target.position();
          const moved = { [event.target.id()]: [Math.round(x), Math.round(y)] };
          window.headroom.post(place.dataset.keeps, { positions: JSON.stringify(moved) }).catch(() => {});
        });
      }
      new ResizeObserver(() => { graph.resize(); graph.fit(undefined, 18); }).observe(place);
    } catch (error) {
      place.textContent = document.getElementById("words").dataset.noChart;
    }
  }

  const begin = () => document.querySelectorAll("[data-graph]").forEach(draw);
  begin();
  document.addEventListener("htmx:load", begin);
  document.addEventListener("headroom:theme", () => drawn.forEach((graph) => graph && graph.style(look())));
})();
