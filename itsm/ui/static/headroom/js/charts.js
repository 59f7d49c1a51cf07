// Charts by data-chart="burn-down|bars|forecast" data-source="address". ECharts is loaded when the first one appears.
// The source answers {points: [[RFC 3339, share]], marks?: [{at, kind, label, url}], limits?: [share], from?, to?,
// outages?: [{from, to, number}], pace?: whether an even pace leads to nothing at `to`}.
(function () {
  "use strict";
  let loading = null;
  const drawn = new Map();
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const words = () => document.getElementById("words").dataset;

  function library() {
    loading ||= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = document.getElementById("assets").dataset.echarts;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });
    return loading;
  }

  const share = (value) => `${(Math.floor(value * 1000) / 10).toFixed(1)}\u202f%`;
  const moment = (value) => new Date(value).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  const colours = { incident: "--red-fill", change: "--blue-fill", alert: "--amber-fill", outage: "--red-fill" };

  function axes() {
    const faint = css("--ink-faint");
    const line = css("--line");
    return {
      x: { type: "time", axisLine: { lineStyle: { color: css("--line-strong") } }, axisTick: { show: false }, axisLabel: { color: faint, hideOverlap: true, fontSize: 11 }, splitLine: { show: false } },
      y: { type: "value", axisLabel: { color: faint, fontSize: 11, formatter: (value) => `${Math.round(value * 100)}\u202f%` }, splitLine: { lineStyle: { color: line } } },
    };
  }

  // Outages as bands with the number that the page's list gives them.
  const bands = (outages) => outages.map((one) => [{ xAxis: Date.parse(one.from), name: String(one.number) }, { xAxis: Date.parse(one.to) }]);

  // What a calendar period could spend evenly: above the dots is ahead of plan.
  function evenPace(data, points) {
    if (!data.pace || !data.to || !points.length) return [];
    const colour = css("--ink-faint");
    return [{ type: "line", silent: true, showSymbol: false, tooltip: { show: false }, data: [[points[0][0], 1], [Date.parse(data.to), 0]], lineStyle: { width: 1.5, type: "dotted", color: colour }, itemStyle: { color: colour } }];
  }

  function burnDown(data) {
    const { x, y } = axes();
    const points = data.points.map(([at, left]) => [Date.parse(at), left]);
    const lowest = Math.min(0, ...points.map((point) => point[1]));
    const limits = data.limits || [0.5, 0.25, 0];
    const last = points.at(-1)?.[1] ?? 1;
    const tone = css(last <= 0 ? "--red-fill" : last <= 0.5 ? "--amber-fill" : "--green-fill");
    const near = (at) => points.reduce((best, point) => (point[0] <= at ? point : best), points[0]);
    const marks = (data.marks || []).map((mark) => {
      const at = Date.parse(mark.at);
      return { coord: [at, near(at)?.[1] ?? 1], name: mark.label, url: mark.url, itemStyle: { color: css(colours[mark.kind] || "--grey-fill") }, symbol: mark.kind === "change" ? "diamond" : mark.kind === "alert" ? "triangle" : "rect" };
    });
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 8, right: 14, top: 14, bottom: 4, containLabel: true },
      // A calendar period ends ahead: the line stops now, the axis does not.
      xAxis: { ...x, min: points[0]?.[0], max: data.to ? Math.max(Date.parse(data.to), points.at(-1)?.[0] ?? 0) : undefined },
      yAxis: { ...y, min: Math.floor(lowest * 4) / 4, max: 1 },
      tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: css("--raised"), borderColor: css("--line-strong"), textStyle: { color: css("--ink"), fontSize: 12 }, formatter: (at) => at[0].seriesIndex ? "" : `${moment(at[0].value[0])}\n${share(at[0].value[1])} ${words().left}` },
      series: [{
        type: "line", step: false, showSymbol: false, data: points, lineStyle: { width: 2, color: tone }, itemStyle: { color: tone }, areaStyle: { color: tone, opacity: 0.12, origin: "start" },
        markLine: { silent: true, symbol: "none", animation: false, label: { show: false }, data: limits.map((limit) => ({ yAxis: limit, lineStyle: { color: css(limit > 0 ? "--line-strong" : "--red-fill"), type: limit > 0 ? "dashed" : "solid", width: limit > 0 ? 1 : 1.5 } })) },
        markArea: { silent: true, animation: false, itemStyle: { color: css("--red-fill"), opacity: 0.16 }, label: { show: true, position: "insideBottom", distance: 2, color: css("--ink"), fontSize: 10, fontWeight: 600 }, data: bands(data.outages || []) },
        markPoint: { symbolSize: 11, animation: false, label: { show: false }, data: marks, tooltip: { show: true, trigger: "item", formatter: (mark) => mark.name } },
      }, ...evenPace(data, points)],
    };
  }

  function bars(data) {
    const { x, y } = axes();
    return {
      animation: false,
      grid: { left: 8, right: 8, top: 10, bottom: 4, containLabel: true },
      xAxis: x, yAxis: { ...y, axisLabel: { ...y.axisLabel, formatter: undefined } },
      tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: css("--raised"), borderColor: css("--line-strong"), textStyle: { color: css("--ink"), fontSize: 12 } },
      series: [{ type: "bar", data: data.points.map(([at, value]) => [Date.parse(at), value]), itemStyle: { color: css("--grey-fill") } }],
    };
  }

  // What was measured, the band that is expected after it, and the limit:
  // {actual: [[at, value]], bands: [[at, low, centre, high, stretched]], limit, unit}.
  function forecast(data) {
    const { x, y } = axes();
    const at = (row) => Date.parse(row[0]);
    const [tone, faint, red] = [css("--blue-fill"), css("--ink-faint"), css("--red-fill")];
    const plain = { type: "line", showSymbol: false, silent: true, animation: false };
    const shown = (value) => `${Number(value.toPrecision(4))} ${data.unit || ""}`.trim();
    const told = (found) => found.filter((one) => one.seriesName).map((one) => `${one.seriesName} ${shown(one.value[1])}`);
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 8, right: 14, top: 14, bottom: 4, containLabel: true },
      xAxis: x,
      yAxis: { ...y, scale: true, axisLabel: { ...y.axisLabel, formatter: undefined } },
      tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: css("--raised"), borderColor: css("--line-strong"), textStyle: { color: css("--ink"), fontSize: 12 }, formatter: (found) => [moment(found[0].value[0]), ...told(found)].join("\n") },
      series: [
        { ...plain, data: data.bands.map((row) => [at(row), row[1]]), lineStyle: { opacity: 0 }, stack: "band", stackStrategy: "all" },
        { ...plain, data: data.bands.map((row) => [at(row), row[3] - row[1]]), lineStyle: { opacity: 0 }, areaStyle: { color: tone, opacity: 0.16 }, stack: "band", stackStrategy: "all" },
        { ...plain, name: words().expected, data: data.bands.map((row) => [at(row), row[2]]), lineStyle: { width: 1.5, type: "dashed", color: tone }, itemStyle: { color: tone } },
        { ...plain, name: words().measured, silent: false, data: data.actual.map((row) => [at(row), row[1]]), connectNulls: false, lineStyle: { width: 2, color: css("--ink") }, itemStyle: { color: css("--ink") }, markLine: { silent: true, symbol: "none", animation: false, label: { show: true, position: "insideEndTop", color: faint, fontSize: 11, formatter: shown(data.limit) }, data: [{ yAxis: data.limit, lineStyle: { color: red, type: "solid", width: 1.5 } }] } },
      ],
    };
  }

  const kinds = { "burn-down": burnDown, bars, forecast };

  async function draw(place) {
    if (drawn.has(place)) return;
    drawn.set(place, null);
    try {
      const [answer] = await Promise.all([fetch(place.dataset.source, { headers: { Accept: "application/json" } }), library()]);
      if (!answer.ok) throw new Error(String(answer.status));
      const data = await answer.json();
      place.replaceChildren();
      const chart = window.echarts.init(place, null, { renderer: "canvas" });
      drawn.set(place, { chart, data });
      chart.setOption(kinds[place.dataset.chart](data));
      chart.on("click", (mark) => { if (mark.componentType === "markPoint" && mark.data.url) location.assign(mark.data.url); });
      new ResizeObserver(() => chart.resize()).observe(place);
      offerPicture(place, chart);
    } catch (error) {
      place.textContent = words().noChart;
      place.classList.add("faint");
    }
  }

  // The chart as a PNG: as it is shown, in the theme it is shown in, twice as sharp.
  function offerPicture(place, chart) {
    if (!words().savePicture || place.nextElementSibling?.matches(".chart-save")) return;
    const line = document.createElement("div");
    line.className = "chart-save";
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words().savePicture;
    button.addEventListener("click", () => save(chart, pictureName(place)));
    line.append(button);
    if (place.dataset.csv) {
      const figures = document.createElement("a");
      figures.href = place.dataset.csv;
      figures.textContent = "CSV";
      figures.setAttribute("download", "");
      line.append(figures);
    }
    place.after(line);
  }

  // data-name, or the record's slug in the chart's address, and the day.
  function pictureName(place) {
    const parts = (place.dataset.source || "").split("?")[0].split("/").filter(Boolean);
    const name = place.dataset.name || parts.slice(-2).join("-") || "chart";
    return `${name.replace(/[^\w-]+/g, "-")}-${new Date().toISOString().slice(0, 10)}.png`;
  }

  function save(chart, name) {
    const picture = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: css("--surface") });
    const bytes = Uint8Array.from(atob(picture.split(",")[1]), (letter) => letter.charCodeAt(0));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  const begin = () => document.querySelectorAll("[data-chart]").forEach(draw);
  begin();
  document.addEventListener("htmx:load", begin);
  document.addEventListener("headroom:theme", () => {
    drawn.forEach((made, place) => made && made.chart.setOption(kinds[place.dataset.chart](made.data), true));
  });
})();
