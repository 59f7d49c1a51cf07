"""Sloth's and Pyrra's files, written here after their documented formats."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from slo.openslo import formats
from slo.openslo.formats import Bundle, promql
from slo.openslo.formats.grouping import matchers_of, names_of
from slo.openslo.formats.shapes import is_dns_label

D = Decimal

SLOTH = """
version: "prometheus/v1"
service: "myservice"
labels:
  owner: "myteam"
slos:
  - name: "requests-availability"
    objective: 99.9
    description: "Availability of HTTP request responses."
    labels: {category: availability}
    sli:
      events:
        error_query: sum(rate(http_request_duration_seconds_count{job="my)service",code=~"(5..|429)"}[{{.window}}]))
        total_query: sum(rate(http_request_duration_seconds_count{job="my)service"}[{{ .window }}]))
    alerting:
      name: MyServiceHighErrorRate
      page_alert: {labels: {severity: pageteam}}
      ticket_alert: {disable: true}
  - name: Raw_One
    objective: "95"
    sli:
      raw:
        error_ratio_query: sum(rate(bad[{{.window}}])) / sum(rate(all[{{.window}}]))
    alerting:
      page_alert: {disable: true}
      ticket_alert: {disable: true}
  - name: plugged
    objective: 99
    sli:
      plugin: {id: x}
"""
SLOTH_KUBERNETES = """
apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata: {name: sloth-slo-home-wifi, namespace: monitoring}
spec:
  service: "home-wifi"
  labels: {cluster: valhalla}
  slos:
    - name: "good-wifi-client-satisfaction"
      objective: 95
      sli:
        events:
          errorQuery: sum_over_time((count(unifipoller_client_satisfaction_ratio < 0.75))[{{.window}}:]) OR on() vector(0)
          totalQuery: sum_over_time((count(unifipoller_client_satisfaction_ratio))[{{.window}}:])
      alerting:
        pageAlert: {disable: true}
"""


def rules(bundle: Bundle) -> list[str]:
    return [f"{one.path} {one.rule} {one.severity}" for one in bundle.findings if one.rule != "headroom-no-data-source"]


def test_sloth() -> None:
    bundle = formats.read({"f": SLOTH})
    assert rules(bundle) == ["slos[2].sli sloth-sli error"]
    events, raw = bundle.objectives
    assert (events.slug, events.name, events.service) == (
        "myservice-requests-availability",
        "myservice requests-availability",
        "myservice",
    )
    assert (str(events.target), events.window_days, events.method) == ("0.999", 30, "occurrences")
    assert events.labels == {"owner": ["myteam"], "category": ["availability"]}
    assert (events.alert_rows, raw.alert_rows) == (("1h", "6h"), ())
    indicator = events.indicator
    assert indicator
    assert (
        indicator.bad_query
        == 'sum(increase(http_request_duration_seconds_count{job="my)service",code=~"(5..|429)"}[1m]))'
    )
    assert indicator.total_query == 'sum(increase(http_request_duration_seconds_count{job="my)service"}[1m]))'
    assert (indicator.kind, indicator.source, indicator.good_query) == ("ratio", "prometheus", "")
    assert raw.slug == "myservice-raw-one"
    assert raw.indicator
    assert (raw.indicator.kind, raw.indicator.value_query) == ("raw", "1 - (sum(rate(bad[1m])) / sum(rate(all[1m])))")


def test_sloth_with_numbers_and_truths_as_labels_and_keys_that_openslo_has_not() -> None:
    text = SLOTH.replace('owner: "myteam"', 'owner: "myteam"\n  generated: true\n  le: 0.20\n  example.org/unit: shop')
    events, _ = formats.read({"f": text}).objectives
    assert events.labels == {
        "owner": ["myteam"], "category": ["availability"], "generated": ["true"], "le": ["0.20"],
        "example.org/unit": ["shop"],
    }  # fmt: skip


def test_sloth_over_a_total_of_one_is_a_share_and_is_said_to_be() -> None:
    text = SLOTH_ONE.format(
        name="p90", objective=90, error="1 - histogram_share(0.2, sum by (vmrange) (x[{{.window}}]))"
    )
    text = text.replace("sum(rate(desk_calls_total[{{.window}}]))", "vector(1)[{{.window}}]")
    bundle = formats.read({"f": text})
    assert rules(bundle) == ["slos[0].sli.events.total_query sloth-share warning"]
    [objective] = bundle.objectives
    assert objective.indicator
    assert (objective.indicator.kind, objective.indicator.value_query) == (
        "raw",
        "1 - (1 - histogram_share(0.2, sum by (vmrange) (x[1m])))",
    )


def test_sloth_for_a_managed_prometheus() -> None:
    text = SLOTH_KUBERNETES.replace("kind: Prom", "kind: ManagedProm")
    assert [one.slug for one in formats.read({"f": text}).objectives] == ["home-wifi-good-wifi-client-satisfaction"]


def test_validating_says_it_in_the_words_of_the_file_too() -> None:
    text = SLOTH_ONE.format(name="x", objective=100, error="sum(rate(e[{{.window}}]))")
    [(_, _, _, findings)] = formats.check({"f": text})
    assert [(one.path, one.rule) for one in findings] == [("slos[0].objective", "out-of-range")]


def test_sloth_with_another_window() -> None:
    assert {one.window_days for one in formats.read({"f": SLOTH}, sloth_window_days=28).objectives} == {28}


def test_sloth_in_kubernetes() -> None:
    bundle = formats.read({"f": SLOTH_KUBERNETES})
    # Counts already, as often as the server evaluates: nothing is scaled, and nobody speaks of rates.
    assert rules(bundle) == ["spec.slos[0].sli.events sloth-subquery warning"]
    [objective] = bundle.objectives
    assert (objective.slug, objective.alert_rows) == ("home-wifi-good-wifi-client-satisfaction", ("1d", "3d"))
    assert objective.indicator
    assert objective.indicator.total_query == "sum_over_time((count(unifipoller_client_satisfaction_ratio))[1m:])"


@pytest.mark.parametrize(
    ("queries", "counts"),
    [
        (["sum(rate(x[1m]))"], ["sum(increase(x[1m]))"]),
        (["(\n sum(rate(a[1m]))\n -\n sum(rate(b{c='rate('}[1m]))\n)"], ["(\n sum(increase(a[1m]))\n -\n sum(increase(b{c='rate('}[1m]))\n)"]),
        (["rate( x{a=\"}\"} [1m] )"], ["increase( x{a=\"}\"} [1m] )"]),
        (["sum(increase(x[1m]))"], ["sum(increase(x[1m]))"]),
        (["sum(rate(x[5m]))"], ["(sum(rate(x[5m]))) * 60"]),  # per second over a window of its own
        (["sum(irate(x[1m]))"], ["(sum(irate(x[1m]))) * 60"]),
        (["sum(rate(a[1m]))", "sum(rate(b[5m]))"], ["sum(increase(a[1m]))", "(sum(rate(b[5m]))) * 60"]),
        (["sum(job:a:rate5m)", "sum(rate(b[1m]))"], ["(sum(job:a:rate5m)) * 60", "sum(increase(b[1m]))"]),
        (["sum(errors)", "sum(rate(b[1m]))"], None),  # of what unit the first one is cannot be told
        (["sum(rate(a[1m])) > 0", "sum(rate(b[1m])) or on() vector(0)"], ["sum(increase(a[1m])) > 0", "sum(increase(b[1m])) or on() vector(0)"]),
        (["sum(rate(a[1m]) >= 0.0) / 2"], ["sum(increase(a[1m]) >= 0.0) / 2"]),
        (["sum(rate(a[1m])) > bool 0"], ["(sum(rate(a[1m])) > bool 0) * 60"]),
        (["sum_over_time((count(x < 0.75))[1m:]) OR on() vector(0)"], ["sum_over_time((count(x < 0.75))[1m:]) OR on() vector(0)"]),
        (["sum(increase(a[1m])) > 0.5"], ["sum(increase(a[1m])) > 0.5"]),
        (["sum(rate(a[1m])) / sum(rate(b[1m]))"], None),
        (["sum(rate(a[1m]) > 0.1)"], ["(sum(rate(a[1m]) > 0.1)) * 60"]),
        (["max(rate(a[1m]))"], ["max(increase(a[1m]))"]),
        (["sum(rate((a)[1m:]))"], ["(sum(rate((a)[1m:]))) * 60"]),
        (['sum(rate(a{b="x"}[1m])) or vector(0)'], ['sum(increase(a{b="x"}[1m])) or vector(0)']),
    ],
)  # fmt: skip
def test_rates_become_counts_only_where_that_is_certain(queries: list[str], counts: list[str] | None) -> None:
    assert promql.as_counts(*queries) == (tuple(counts) if counts else None)


@pytest.mark.parametrize(
    ("query", "honest"),
    [
        ("(sum(x) > 0) or on() vector(1)", "(sum(x) > 0) or on() vector(0)"),
        ("sum(x) > 0 OR vector( 0.001 )", "sum(x) > 0 OR vector( 0 )"),
        ("sum(x) or vector(0)", "sum(x) or vector(0)"),
        ('sum(x{a="or vector(1)"})', 'sum(x{a="or vector(1)"})'),
    ],
)
def test_an_event_that_never_was_is_not_taken_over(query: str, honest: str) -> None:
    assert promql.without_pretended(query) == honest


SLOTH_ONE = """
version: prometheus/v1
service: parcel-desk
slos:
  - name: {name}
    objective: {objective}
    sli:
      events:
        error_query: {error}
        total_query: sum(rate(desk_calls_total[{{{{.window}}}}]))
"""


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"objective": "100"}, "slos[0].objective", "This has to be less than 100. At 100 % nothing may ever fail"),
        ({"objective": "0"}, "slos[0].objective", "This has to be greater than 0."),
        ({"objective": "99.99999999999"}, "slos[0].objective", "as a percentage seven"),
        ({"name": "n" * 70}, "slos[0].name", "at most 63"),
        ({"error": "x" * 4001}, "slos[0].sli.events.error_query", "at most 4000 characters"),
    ],
)
def test_findings_stand_where_the_author_of_a_sloth_file_wrote(changes: dict[str, str], path: str, words: str) -> None:
    said = {"name": "never-fail", "objective": "99", "error": "sum(rate(bad[{{.window}}]))"} | changes
    found = [one for one in formats.read({"f": SLOTH_ONE.format(**said)}).findings if one.severity == "error"]
    assert found
    assert {one.path for one in found} == {path}
    assert words in " ".join(one.message for one in found)


def test_in_kubernetes_they_stand_there_as_it_is_spelled_there() -> None:
    text = SLOTH_KUBERNETES.replace("objective: 95", "objective: 100")
    assert "spec.slos[0].objective out-of-range error" in rules(formats.read({"f": text}))
    text = SLOTH_KUBERNETES.replace("errorQuery: sum", "errorQuery: " + "x" * 4001 + " sum")
    errors = [one for one in formats.read({"f": text}).findings if one.severity == "error"]
    assert {one.path for one in errors} == {"spec.slos[0].sli.events.errorQuery"}


def test_the_same_in_two_formats_counts_once() -> None:
    service, slos = "home-wifi", SLOTH_KUBERNETES.split("  slos:\n")[1].replace("\n  ", "\n").removeprefix("  ")
    plain = f"version: prometheus/v1\nservice: {service}\nlabels: {{cluster: valhalla}}\nslos:\n{slos}"
    bundle = formats.read({"a": SLOTH_KUBERNETES, "b": plain})
    assert [one.slug for one in bundle.objectives] == ["home-wifi-good-wifi-client-satisfaction"]
    assert ("slos[0].name", "said-twice", "warning") in {(one.path, one.rule, one.severity) for one in bundle.findings}
    other = formats.read({"a": SLOTH_KUBERNETES, "b": plain.replace("objective: 95", "objective: 96")})
    assert ("slos[0].name", "duplicate-name") in {(one.path, one.rule) for one in other.findings}


def test_one_name_twice_is_said_where_its_author_wrote_it() -> None:
    twice = SLOTH.replace("Raw_One", "requests-availability")
    assert "slos[1].name" in {one.path for one in formats.read({"f": twice}).findings}


@pytest.mark.parametrize(
    ("broken", "paths"),
    [
        ({"service": 5}, ["service"]),
        ({"service": "!", "slos": {}}, ["service", "slos"]),
        ({"slos": [5]}, ["slos[0]"]),
        ({"slos": [{"name": "x"}]}, ["slos[0].objective", "slos[0].sli"]),
        ({"slos": [{"name": "!", "objective": 99}]}, ["slos[0].name"]),
        ({"slos": [{"name": "x", "objective": "many"}]}, ["slos[0].objective", "slos[0].sli"]),
    ],
)
def test_what_is_no_sloth(broken: dict[str, Any], paths: list[str]) -> None:
    text = str({"version": "prometheus/v1", "service": "x", "slos": [], **broken})
    findings = formats.read({"f": text}).findings
    assert [one.path for one in findings] == paths
    assert {one.rule for one in findings} <= {"sloth-shape", "sloth-sli"}


PYRRA = """
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata:
  name: nginx-api
  namespace: monitoring
  labels: {{prometheus: k8s, app: shop, pyrra.dev/team: a}}
{metadata}
spec:
  target: {target}
  window: {window}
  description: The API.
  indicator:
{indicator}
{more}
"""


def pyrra(indicator: str, *, target: str = "'99.9'", window: str = "4w", more: str = "", metadata: str = "") -> Bundle:
    text = PYRRA.format(indicator=indicator, target=target, window=window, more=more, metadata=metadata)
    return formats.read({"f": text}, groups_of=known_groups)


def known_groups(labels: Sequence[str], selector: str) -> list[tuple[str, ...]]:
    assert selector.startswith(("nginx_requests{", "duration"))
    return [tuple(f"{label}-1" for label in labels), ("web",) * len(labels)]


RATIO = """
    ratio:
      errors: {metric: 'nginx_requests{ingress="shop",status=~"5.."}'}
      total: {metric: 'nginx_requests{ingress="shop",}'}
"""
GROUPED = RATIO + "      grouping: [job]\n"
LATENCY = """
    latency:
      success: {metric: 'duration_seconds_bucket{le="1"} offset 5m'}
      total: {metric: duration_seconds_count}
"""
GAUGE = """
    bool_gauge:
      metric: up{job="prometheus-k8s"}
"""


def queries(bundle: Bundle) -> list[tuple[str, str, str]]:
    found = [one.indicator for one in bundle.objectives]
    return [(one.good_query, one.bad_query, one.total_query) for one in found if one]


def test_pyrra_ratio() -> None:
    bundle = pyrra(RATIO)
    assert rules(bundle) == []
    [objective] = bundle.objectives
    assert (objective.slug, objective.service, objective.window_days) == ("nginx-api", "shop", 28)
    assert (str(objective.target), objective.alert_rows, objective.description) == ("0.999", None, "The API.")
    assert objective.labels == {"prometheus": ["k8s"], "app": ["shop"]}
    assert queries(bundle) == [
        (
            "",
            'sum(increase(nginx_requests{ingress="shop",status=~"5.."}[1m]))',
            'sum(increase(nginx_requests{ingress="shop"}[1m]))',
        )
    ]


def test_pyrra_latency_and_gauge() -> None:
    assert queries(pyrra(LATENCY)) == [
        (
            'sum(increase(duration_seconds_bucket{le="1"}[1m] offset 5m))',
            "",
            "sum(increase(duration_seconds_count[1m]))",
        )
    ]
    assert queries(pyrra(GAUGE)) == [
        ('sum(sum_over_time(up{job="prometheus-k8s"}[1m]))', "", 'sum(count_over_time(up{job="prometheus-k8s"}[1m]))')
    ]


def test_pyrra_grouping_is_an_objective_for_each_group() -> None:
    bundle = pyrra(GROUPED)
    assert rules(bundle) == []
    assert [one.slug for one in bundle.objectives] == ["nginx-api-job-1", "nginx-api-web"]
    assert queries(bundle)[1][2] == 'sum(increase(nginx_requests{ingress="shop", job="web"}[1m]))'
    listed = pyrra(GROUPED, metadata="  annotations: {headroom/values: 'a,b,c'}")
    assert [one.slug for one in listed.objectives] == ["nginx-api-a", "nginx-api-b", "nginx-api-c"]


def test_pyrra_grouping_by_several_labels() -> None:
    bundle = pyrra(RATIO + "      grouping: [service, method]\n")
    assert [one.slug for one in bundle.objectives] == ["nginx-api-service-1-method-1", "nginx-api-web-web"]
    assert queries(bundle)[0][1] == (
        'sum(increase(nginx_requests{ingress="shop",status=~"5..", service="service-1", method="method-1"}[1m]))'
    )
    listed = pyrra(
        RATIO + "      grouping: [service, method]\n", metadata="  annotations: {headroom/values: 'a|GET, a|PUT'}"
    )
    assert [one.slug for one in listed.objectives] == ["nginx-api-a-get", "nginx-api-a-put"]
    wrong = pyrra(RATIO + "      grouping: [service, method]\n", metadata="  annotations: {headroom/values: 'a,b'}")
    assert rules(wrong) == ["spec.indicator.ratio.grouping pyrra-grouping error"]


def test_groups_that_look_alike_as_names_keep_names_of_their_own() -> None:
    groups = [("/",), ("",), ("/api/v1",), ("api-v1",), ("x" * 70,)]
    names = names_of("answers", groups)
    assert names[0] != names[1]
    assert names[2] != names[3]
    assert all(is_dns_label(name) for name in names)
    assert names == names_of("answers", groups)
    assert matchers_of(["a"], ('"\\',)) == 'a="\\"\\\\"'


def test_without_any_series_there_is_one_objective_over_all_groups_and_it_is_said() -> None:
    text = PYRRA.format(target="'99'", window="4w", more="", metadata="", indicator=GROUPED)
    bundle = formats.read({"f": text}, groups_of=lambda labels, selector: [])
    assert rules(bundle) == ["spec.indicator.ratio.grouping pyrra-no-groups warning"]
    assert [one.slug for one in bundle.objectives] == ["nginx-api"]
    assert queries(bundle)[0][2] == 'sum(increase(nginx_requests{ingress="shop"}[1m]))'
    assert rules(formats.read({"f": text})) == ["spec.indicator.ratio.grouping pyrra-grouping error"]


def test_pyrra_native_latency() -> None:
    native = "latencyNative: {total: {metric: 'duration_seconds{job=\"a\"}'}, latency: 1s500ms}"
    assert queries(pyrra(f"    {native}")) == [
        (
            '(histogram_fraction(0, 1.5, sum(increase(duration_seconds{job="a"}[1m]))) * '
            'histogram_count(sum(increase(duration_seconds{job="a"}[1m]))) >= 0) or '
            'histogram_count(sum(increase(duration_seconds{job="a"}[1m]))) * 0',
            "",
            'histogram_count(sum(increase(duration_seconds{job="a"}[1m])))',
        )
    ]


def test_pyrra_with_matchers_in_a_list_of_their_own() -> None:
    text = """
    latency:
      success:
        metric: duration_seconds_bucket
        matchers: [{name: job, value: api}, {name: le, value: "0.5"}, {name: code, value: "5..", type: "!~"}]
      total: {metric: duration_seconds_count, matchers: [{name: job, value: api}]}
"""
    assert queries(pyrra(text)) == [
        (
            'sum(increase(duration_seconds_bucket{job="api", le="0.5", code!~"5.."}[1m]))',
            "",
            'sum(increase(duration_seconds_count{job="api"}[1m]))',
        )
    ]


def test_older_pyrra_names_the_bucket_beside_the_indicator() -> None:
    text = LATENCY.replace('{le="1"}', "")
    bundle = pyrra(text, more="  latency: '1'")
    assert rules(bundle) == ["spec.latency pyrra-latency warning"]
    assert queries(bundle) == queries(pyrra(LATENCY))


@pytest.mark.parametrize(("window", "days"), [("28d", 28), ("2w3d", 17), ("672h", 28), ("1y", 365)])
def test_pyrra_windows(window: str, days: int) -> None:
    assert [one.window_days for one in pyrra(RATIO, window=window).objectives] == [days]


def test_pyrra_alerting_and_service() -> None:
    assert [one.alert_rows for one in pyrra(RATIO, more="  alerting: {burnrates: false}").objectives] == [()]
    assert [one.service for one in pyrra(RATIO, metadata="  annotations: {headroom/service: web}").objectives] == [
        "web"
    ]
    bare = pyrra(RATIO, metadata="---").findings  # the metadata of another document: no spec
    assert "pyrra-shape" in {one.rule for one in bare}


@pytest.mark.parametrize(
    ("indicator", "options", "rule"),
    [
        ("    made_up: {total: {metric: x}}", {}, "spec.indicator pyrra-indicator error"),
        ("    latencyNative: {total: {metric: x}, latency: 1}", {}, "spec.indicator.latencyNative.latency pyrra-latency error"),
        ("    latency: {success: {metric: a_bucket}, total: {metric: a_count}}", {}, "spec.indicator.latency.success.metric pyrra-latency error"),
        ("    ratio: {errors: {metric: sum(x)}, total: {metric: y}}", {}, "spec.indicator.ratio.errors.metric pyrra-metric error"),
        ("    ratio: {errors: {metric: x}, total: {}}", {}, "spec.indicator.ratio.total.metric pyrra-metric error"),
        ("    bool_gauge: {metric: x, matchers: [{name: a}]}", {}, "spec.indicator.bool_gauge.matchers[0] pyrra-metric error"),
        (RATIO + "      grouping: [a, 'b c']", {}, "spec.indicator.ratio.grouping pyrra-grouping error"),
        (RATIO, {"target": "most"}, "spec.target pyrra-shape error"),
        (RATIO, {"target": "'100'"}, "spec.target out-of-range error"),
        (RATIO, {"window": "long"}, "spec.window pyrra-shape error"),
        (RATIO, {"window": "1h"}, "spec.window headroom-window-whole-days error"),
    ],
)  # fmt: skip
def test_what_pyrra_has_and_we_have_not(indicator: str, options: dict[str, str], rule: str) -> None:
    bundle = pyrra(indicator, **options)
    assert rules(bundle) == [rule]
    assert bundle.objectives == ()
