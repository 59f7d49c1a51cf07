"""The same data in Headroom and in a real Prometheus: how long all windows of all objectives take in each.

`python -m tests.bench.beside_prometheus [OBJECTIVES] [DAYS]` prints one JSON line. Prometheus gets two counters per
objective with a point a minute (by promtool), then answers the eight windows in eight queries over all of them; it is
asked warm, as Headroom is. Both answers are compared.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import Any

import django

from tests.bench.server import cpu_seconds
from tests.bench.slo_engine import cpu_of_both, timed
from tests.bench.slo_world import AT, fill, minute, throw_away_database
from tests.slo.prometheus_server import _free_port

WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")


def run(objectives: int = 200, days: int = 28) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, throw_away_database():
        store = Path(folder) / "store"
        loading = timed(lambda: _load(Path(folder), store, objectives, days))
        size = sum(file.stat().st_size for file in store.rglob("*") if file.is_file())
        fill(objectives, days)
        with _prometheus(store) as (url, process):
            _their_answer(url, days)  # warm
            spent = cpu_seconds(process)
            theirs = [_their_answer(url, days) for _ in range(3)]
            spent = (cpu_seconds(process) - spent) / len(theirs)
            ours = _our_answer(days)
        return {
            "objectives": objectives,
            "days": days,
            "prometheus_seconds": round(median(seconds for seconds, _ in theirs), 4),
            "headroom_seconds": round(ours[0], 4),
            "ratio": round(median(seconds for seconds, _ in theirs) / ours[0], 1),
            "prometheus_cpu_seconds": round(spent, 4),
            "headroom_cpu_seconds": round(ours[2], 4),
            "ratio_by_cpu": round(spent / ours[2], 1),
            "worst_difference": round(_difference(theirs[0][1], ours[1]), 6),
            "prometheus_bytes": size,
            "prometheus_loading_seconds": round(loading, 1),
        }


def _our_answer(days: int) -> tuple[float, dict[int, list[float]], float]:
    """Seconds (written verdicts included), objective number -> error ratios by window, and seconds of processor."""
    from slo.models import Budget
    from slo.objectives.operations import evaluate

    for _ in range(6):  # warm: a connection that lasts has its plans by then
        evaluate(at=AT)
    times, each = 20, partial(evaluate, at=AT)
    before = cpu_of_both()
    seconds = median(timed(each) for _ in range(times))
    spent = (cpu_of_both() - before) / times
    budgets = Budget.objects.select_related("objective")
    return (
        seconds,
        {
            int(one.objective.slug.partition("-")[2]): [
                *(bad / total for bad, total in zip(one.bad, one.total, strict=True)),
                one.bad_in_window / one.total_in_window,
            ]
            for one in budgets
        },
        spent,
    )


def _their_answer(url: str, days: int) -> tuple[float, dict[int, list[float]]]:
    found: dict[int, list[float]] = {}
    start = time.perf_counter()
    for window in (*WINDOWS, f"{days}d"):
        query = f"sum by (slo) (increase(bad_total[{window}])) / sum by (slo) (increase(all_total[{window}]))"
        given = urllib.parse.urlencode({"query": query, "time": int(AT.timestamp())})
        with urllib.request.urlopen(f"{url}/api/v1/query?{given}", timeout=300) as answer:
            for row in json.load(answer)["data"]["result"]:
                found.setdefault(int(row["metric"]["slo"]), []).append(float(row["value"][1]))
    return time.perf_counter() - start, found


def _difference(theirs: dict[int, list[float]], ours: dict[int, list[float]]) -> float:
    """Prometheus extrapolates to the edges of a window, so its short ones differ a little."""
    assert theirs.keys() == ours.keys()
    return max(abs(a - b) for number in ours for a, b in zip(theirs[number], ours[number], strict=True))


def _load(folder: Path, store: Path, objectives: int, days: int) -> None:
    end = int(AT.timestamp()) // 60
    source = folder / "history.txt"
    with source.open("w", encoding="ascii") as text:
        for place, name in ((0, "bad"), (1, "all")):
            text.write(f"# TYPE {name} counter\n")
            for number in range(objectives):
                counts = accumulate(minute(number, at)[place] for at in range(end - days * 1440 - 1, end))
                text.writelines(
                    f'{name}_total{{slo="{number}"}} {count} {(end - days * 1440 + index) * 60}\n'
                    for index, count in enumerate(counts)
                )
        text.write("# EOF\n")
    store.mkdir()
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=720h", str(source),
         str(store)],
        check=True, capture_output=True,
    )  # fmt: skip
    source.unlink()


@contextmanager
def _prometheus(store: Path) -> Iterator[tuple[str, int]]:
    """Its address and its process."""
    port = _free_port()
    config = store.parent / "prometheus.yml"
    config.write_text("global: {scrape_interval: 1h}\n", encoding="ascii")
    command = [
        "prometheus", f"--config.file={config}", f"--storage.tsdb.path={store}", "--storage.tsdb.retention.time=10y",
        f"--web.listen-address=127.0.0.1:{port}", "--query.max-samples=100000000",
    ]  # fmt: skip
    with (store.parent / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}/-/ready")
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(url: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("Prometheus did not get ready.")


if __name__ == "__main__":
    if not (shutil.which("prometheus") and shutil.which("promtool")):
        raise SystemExit("prometheus and promtool are needed (Debian: apt-get install prometheus)")
    django.setup()
    sys.stdout.write(json.dumps(run(*(int(word) for word in sys.argv[1:3]))) + "\n")
