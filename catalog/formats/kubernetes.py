"""Manifests of Kubernetes, as `kubectl get -o yaml` writes them, to the items that last.

A fixed list of fields is read: no environment, argument, annotation or volume but the claims it names. Secrets and
ConfigMaps are refused by their kind, before anything in them is looked at.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext

from catalog.formats.documents import File, Redundancy
from catalog.formats.drafting import Draft, Gathered, NotTaken, at, items, mapping, word
from catalog.formats.kubernetes_kinds import FOLDED, KINDS, Everything, Thing, key_of
from catalog.formats.options import Options
from catalog.formats.yaml import Broken, found_in, sentence_of, within
from itsm.safe_yaml.trees import Refused

_NODES_THAT_ARE_ENOUGH = 60  # per cent
_NEVER_READ = frozenset(("secret", "configmap", "sealedsecret", "externalsecret"))
_MOST_NESTED_LISTS = 3


def read_kubernetes(files: Sequence[File], options: Options, gathered: Gathered) -> None:
    """Every object of the files, and the cluster that they are in. Raises Broken."""
    cluster = word(options.cluster)
    if cluster is None:
        name = files[0].name if files else "kubernetes"
        raise Broken(name, gettext("Which cluster is this? Its name is needed (--cluster)."))
    draft = Draft(cluster, "kubernetes_cluster", cluster[:200], cluster)
    draft.identify("name", cluster)
    draft.redundancy.append(Redundancy("member_of", _NODES_THAT_ARE_ENOUGH))
    gathered.add(draft)
    things: list[Thing] = []
    for file in files:
        for found in found_in(file):
            for value in within(file, _opened(found.value)):
                shown = _shown(value, found.place)
                thing = gathered.attempt(shown, partial(_thing, value, found.place, cluster))
                if thing is not None:
                    things.append(thing)
    _draft_all(things, gathered)


def _opened(value: Any, depth: int = 0) -> Iterator[Any]:
    """The objects, those in a List by themselves."""
    kind = at(value, "kind")
    listed = isinstance(kind, str) and kind.endswith("List") and isinstance(value.get("items"), list)
    if not listed or depth >= _MOST_NESTED_LISTS:
        yield value
        return
    for item in value["items"]:
        if isinstance(item, dict) and "kind" not in item and kind != "List":  # the API leaves it out in typed lists
            item = item | {"kind": kind.removesuffix("List")}
        yield from _opened(item, depth + 1)


def _shown(value: Any, place: str) -> str:
    kind, name = word(at(value, "kind")), word(at(value, "metadata", "name"))
    namespace = word(at(value, "metadata", "namespace"))
    return "/".join(filter(None, (kind, namespace, name))) if kind and name else place


def _thing(value: Any, place: str, cluster: str) -> Thing | None:
    """The object; None where it is folded into its controller. Raises NotTaken."""
    if isinstance(value, Refused):
        raise NotTaken(sentence_of(value))
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
        raise NotTaken(gettext("This is no object of Kubernetes: it has no kind."))
    kind = value["kind"].lower()
    if kind in _NEVER_READ:
        raise NotTaken(gettext("%s: its contents are never read.") % value["kind"])
    if kind not in KINDS and kind not in FOLDED:
        raise NotTaken(gettext("The kind %s has no class here.") % value["kind"][:60])
    name = word(at(value, "metadata", "name"))
    if name is None or len(name) > 253:
        raise NotTaken(gettext("It has no name (metadata.name)."))
    owners = [one for one in items(at(value, "metadata", "ownerReferences")) if at(one, "controller") is True]
    if kind in FOLDED and owners:
        return None
    if kind not in KINDS:
        raise NotTaken(gettext("A %s without a controller is a run, not something that stays.") % value["kind"])
    namespace = "" if kind in ("node", "namespace") else word(at(value, "metadata", "namespace")) or "default"
    spec, labels = mapping(value.get("spec")), mapping(at(value, "metadata", "labels"))
    return Thing(cluster, kind, namespace[:63], name, labels, spec, mapping(value.get("status")), place)


def _draft_all(things: Sequence[Thing], gathered: Gathered) -> None:
    all_ = Everything.of(things)
    for thing in things:
        try:
            gathered.add(_draft(thing, all_))
        except NotTaken as refusal:
            gathered.refuse(thing.shown, str(refusal))


def _draft(thing: Thing, all_: Everything) -> Draft:
    class_slug, tell = KINDS[thing.kind]
    draft = Draft(thing.key, class_slug, thing.name[:200], thing.shown, thing.place)
    draft.state = "active"
    draft.identify("name", thing.name)
    if class_slug != "container_host":  # a machine is known by what other sources know as well
        namespace = thing.name if thing.kind == "namespace" else thing.namespace
        for scheme, value in (("cluster", thing.cluster), ("kind", thing.kind), ("namespace", namespace)):
            draft.identify(scheme, value)
    draft.say("kind", thing.kind)
    draft.say("labels", [f"{key}={value}" for key, value in thing.labels.items() if _is_kept(key) and word(value)])
    if thing.namespace:
        draft.relate("part_of", key_of(thing.cluster, "namespace", "", thing.namespace))
    service = word(thing.labels.get("headroom/service"))
    draft.relate("depends_on", service.lower() if service else None, "in", by="slug")
    tell(thing, draft, all_)
    return draft


def _is_kept(label: str) -> bool:
    return label.startswith("app.kubernetes.io/")
