"""What each kind of Kubernetes becomes, and what is told of it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, Self

from django.utils.translation import gettext

from catalog.formats.drafting import Draft, at, items, mapping, word

_QUANTITY = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)(m|[KMGTPE]i?|k)?\Z", re.ASCII)
_FACTORS = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18} | {
    f"{letter}i": 2 ** (10 * power) for power, letter in enumerate("KMGTPE", start=1)
}
_ADDRESSES = {"InternalIP": "primary_ip", "Hostname": "hostname"}
_MOST_ORDINALS = 100
_MOST_SELECTED = 100


class Thing(NamedTuple):
    """One object: `kind` in lower case, `namespace` "" for what is in none."""

    cluster: str
    kind: str
    namespace: str
    name: str
    labels: Mapping[str, Any]
    spec: Mapping[str, Any]
    status: Mapping[str, Any]
    place: str

    @property
    def key(self) -> str:
        """cluster/kind/namespace/name: its uid changes when it is made anew."""
        return key_of(self.cluster, self.kind, self.namespace, self.name)

    @property
    def shown(self) -> str:
        """For people."""
        return "/".join(filter(None, (self.kind, self.namespace, self.name)))


@dataclass(frozen=True, slots=True)
class Everything:
    """All objects of a reading: their keys, and the workloads whose pods carry a label."""

    keys: frozenset[str]
    labelled: Mapping[tuple[str, str, str], frozenset[str]]

    @classmethod
    def of(cls, things: Iterable[Thing]) -> Self:
        """What the objects say of each other."""
        labelled: dict[tuple[str, str, str], set[str]] = {}
        keys = set()
        for thing in things:
            keys.add(thing.key)
            if KINDS[thing.kind][0] == "workload":
                for key, value in _pod_labels(thing).items():
                    labelled.setdefault((thing.namespace, key, value), set()).add(thing.key)
        return cls(frozenset(keys), {label: frozenset(found) for label, found in labelled.items()})

    def selected(self, namespace: str, wanted: Mapping[str, Any]) -> list[str]:
        """The workloads whose pods carry all of these labels; none where none are wanted."""
        found = [self.labelled.get((namespace, key, str(value)), frozenset()) for key, value in wanted.items()]
        return sorted(frozenset.intersection(*sorted(found, key=len))) if found else []


Tell = Callable[[Thing, Draft, Everything], None]


def key_of(cluster: str, kind: str, namespace: str, name: str) -> str:
    """How an object is known within a source."""
    return f"{cluster}/{kind}/{namespace}/{name}"


def _node(thing: Thing, draft: Draft, all_: Everything) -> None:
    info = mapping(thing.status.get("nodeInfo"))
    draft.identify("uuid", info.get("systemUUID"))
    draft.identify("provider_id", thing.spec.get("providerID"))
    if "." in thing.name:
        draft.identify("fqdn", thing.name)
    for attribute, key in (
        ("os", "osImage"), ("kernel", "kernelVersion"), ("architecture", "architecture"), ("version", "kubeletVersion"),
    ):  # fmt: skip
        draft.say(attribute, info.get(key))
    draft.say("machine_id", info.get("machineID"))
    capacity = mapping(thing.status.get("capacity"))
    draft.say("cpus", _amount(capacity.get("cpu"), 1))
    draft.say("memory_mib", _amount(capacity.get("memory"), 2**20))
    for address in items(thing.status.get("addresses")):
        if (said := _ADDRESSES.get(word(at(address, "type")) or "")) is not None:
            draft.say(said, at(address, "address"))
    draft.relate("member_of", thing.cluster)


def _workload(thing: Thing, draft: Draft, all_: Everything) -> None:
    pod = _pod_spec(thing)
    containers = [*items(pod.get("initContainers")), *items(pod.get("containers"))]
    draft.say("images", [image for one in containers if (image := word(at(one, "image"))) is not None])
    draft.say("replicas", thing.spec.get("replicas"))
    draft.relate("runs_on", thing.cluster)
    for claim in _claims(thing, pod):
        key = key_of(thing.cluster, "persistentvolumeclaim", thing.namespace, claim)
        if thing.kind != "statefulset" or key in all_.keys or _is_named(pod, claim):
            draft.relate("stored_on", key)


def _pod_spec(thing: Thing) -> Mapping[str, Any]:
    if thing.kind == "pod":
        return thing.spec
    below = ("jobTemplate", "spec", "template", "spec") if thing.kind == "cronjob" else ("template", "spec")
    return mapping(at(thing.spec, *below))


def _claims(thing: Thing, pod: Mapping[str, Any]) -> Iterator[str]:
    """Those that its pods mount, and those that a stateful set makes for each of them: template-name-0, ..."""
    for volume in items(pod.get("volumes")):
        if (claim := word(at(volume, "persistentVolumeClaim", "claimName"))) is not None:
            yield claim
    replicas = thing.spec.get("replicas")
    count = replicas if isinstance(replicas, int) and not isinstance(replicas, bool) else 1
    for template in items(thing.spec.get("volumeClaimTemplates")):
        if (name := word(at(template, "metadata", "name"))) is not None:
            yield from (f"{name}-{thing.name}-{ordinal}" for ordinal in range(max(0, min(count, _MOST_ORDINALS))))


def _is_named(pod: Mapping[str, Any], claim: str) -> bool:
    return any(word(at(one, "persistentVolumeClaim", "claimName")) == claim for one in items(pod.get("volumes")))


def _service(thing: Thing, draft: Draft, all_: Everything) -> None:
    draft.say("ports", [f"{word(at(one, 'port'))}/{word(at(one, 'protocol')) or 'TCP'}"
                        for one in items(thing.spec.get("ports")) if word(at(one, "port"))])  # fmt: skip
    found = all_.selected(thing.namespace, mapping(thing.spec.get("selector")))
    if len(found) > _MOST_SELECTED:
        message = gettext("Its selector matches %(count)d workloads, more than %(most)d: none is related.")
        draft.note("selector", message % {"count": len(found), "most": _MOST_SELECTED})
        return
    for key in found:
        draft.relate("depends_on", key)


def _pod_labels(thing: Thing) -> Mapping[str, Any]:
    if thing.kind == "pod":
        return _texts(thing.labels)
    below = ("jobTemplate", "spec", "template") if thing.kind == "cronjob" else ("template",)
    return _texts(mapping(at(thing.spec, *below, "metadata", "labels")))


def _texts(labels: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in labels.items() if isinstance(value, str)}


def _ingress(thing: Thing, draft: Draft, all_: Everything) -> None:
    rules = items(thing.spec.get("rules"))
    draft.say("hosts", [host for rule in rules if (host := word(at(rule, "host"))) is not None])
    paths = [path for rule in rules for path in items(at(rule, "http", "paths"))]
    backends = [thing.spec.get("defaultBackend"), thing.spec.get("backend"), *(at(path, "backend") for path in paths)]
    for backend in backends:
        name = word(at(backend, "service", "name")) or word(at(backend, "serviceName"))
        _to_service(thing, draft, name, thing.namespace)


def _http_route(thing: Thing, draft: Draft, all_: Everything) -> None:
    draft.say("hosts", [host for one in items(thing.spec.get("hostnames")) if (host := word(one)) is not None])
    for rule in items(thing.spec.get("rules")):
        for backend in items(at(rule, "backendRefs")):
            if (word(at(backend, "kind")) or "Service") == "Service":
                namespace = word(at(backend, "namespace")) or thing.namespace
                _to_service(thing, draft, word(at(backend, "name")), namespace)


def _to_service(thing: Thing, draft: Draft, name: str | None, namespace: str) -> None:
    if name is not None:
        draft.relate("depends_on", key_of(thing.cluster, "service", namespace, name))


def _claim(thing: Thing, draft: Draft, all_: Everything) -> None:
    said = word(at(thing.status, "capacity", "storage")) or at(thing.spec, "resources", "requests", "storage")
    draft.say("capacity", said)
    draft.say("storage_class", thing.spec.get("storageClassName"))


def _namespace(thing: Thing, draft: Draft, all_: Everything) -> None:
    draft.relate("part_of", thing.cluster)


def _amount(raw: Any, unit: int) -> int | None:
    """A quantity in whole units: "32Gi" of 2**20 is 32768."""
    match = _QUANTITY.match(word(raw) or "")
    if match is None:
        return None
    factor = Decimal("0.001") if match[2] == "m" else Decimal(_FACTORS[match[2] or ""])
    return int(Decimal(match[1]) * factor / unit)


KINDS: Mapping[str, tuple[str, Tell]] = {
    "namespace": ("namespace", _namespace), "node": ("container_host", _node), "deployment": ("workload", _workload),
    "statefulset": ("workload", _workload), "daemonset": ("workload", _workload), "cronjob": ("workload", _workload),
    "replicaset": ("workload", _workload), "pod": ("workload", _workload), "service": ("endpoint", _service),
    "ingress": ("route", _ingress), "httproute": ("route", _http_route),
    "persistentvolumeclaim": ("storage", _claim),
}  # fmt: skip
FOLDED = frozenset(("pod", "replicaset", "job"))
