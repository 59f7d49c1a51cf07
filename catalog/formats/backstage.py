"""Backstage's descriptor format: entities to items, groups to teams, users to people who cannot sign in.

Nothing that an entity points to is fetched: neither a Location nor a `$text`; definitions of APIs are not read at all.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from django.utils.translation import gettext

from catalog.formats.backstage_people import group, user
from catalog.formats.backstage_refs import Entity, owner_of, refs
from catalog.formats.documents import File
from catalog.formats.drafting import Draft, Gathered, NotTaken, at, first, items, mapping, word
from catalog.formats.options import Options
from catalog.formats.yaml import Found, found_in, sentence_of
from itsm.safe_yaml.trees import Refused

_VERSIONS = ("backstage.io/v1alpha1", "backstage.io/v1beta1")
_SERVICES = ("service", "website")
_RESOURCES: Mapping[str, str] = {
    "database": "database", "bucket": "bucket", "s3-bucket": "bucket", "kubernetes-cluster": "kubernetes_cluster",
    "cluster": "kubernetes_cluster", "queue": "queue", "message-queue": "queue",
}  # fmt: skip
_LIFECYCLES: Mapping[str, str] = {"experimental": "building", "production": "active", "deprecated": "active"}
_NAME = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,61})?[A-Za-z0-9]\Z", re.ASCII)


def read_backstage(files: Sequence[File], options: Options, gathered: Gathered) -> None:
    """Every entity of the files. Raises Broken."""
    for file in files:
        for found in found_in(file):
            gathered.attempt(_shown(found), partial(_take, found, options, gathered))


def _shown(found: Found) -> str:
    kind, name = word(at(found.value, "kind")), word(at(found.value, "metadata", "name"))
    return f"{kind}:{name}" if kind and name else found.place


def _take(found: Found, options: Options, gathered: Gathered) -> None:
    if isinstance(found.value, Refused):
        raise NotTaken(sentence_of(found.value))
    entity = _entity(found)
    if entity.kind == "group":
        group(entity, gathered)
    elif entity.kind == "user":
        user(entity, gathered)
    else:
        gathered.add(_item(entity, options))


def _entity(found: Found) -> Entity:
    value = found.value
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
        raise NotTaken(gettext("This is no entity: it has no kind."))
    kind = value["kind"].lower()
    if value.get("apiVersion") not in _VERSIONS:
        raise NotTaken(gettext("Its apiVersion has to be one of %s.") % ", ".join(_VERSIONS))
    if kind == "location":
        raise NotTaken(gettext("A Location is a pointer, which is not followed; name the files themselves."))
    if kind == "template":
        raise NotTaken(gettext("A Template describes no item; it is for making new ones."))
    if kind not in _KINDS and kind not in ("group", "user"):
        raise NotTaken(gettext("The kind %s has no class here.") % value["kind"][:60])
    name, namespace = at(value, "metadata", "name"), at(value, "metadata", "namespace")
    if not isinstance(name, str) or not _NAME.match(name):
        raise NotTaken(gettext("A name has 1 to 63 letters and digits, parted by “-”, “_” or “.”."))
    if namespace is not None and (not isinstance(namespace, str) or not _NAME.match(namespace)):
        raise NotTaken(gettext("Its namespace is no name."))
    return Entity(kind, (namespace or "default").lower(), name, mapping(value["metadata"]), mapping(value.get("spec")),
                  _shown(found), found.place)  # fmt: skip


def _item(entity: Entity, options: Options) -> Draft:
    class_slug = _KINDS[entity.kind](word(entity.spec.get("type")) or "")
    title = word(entity.metadata.get("title")) or entity.name
    draft = Draft(entity.key, class_slug, title[:200], entity.shown, entity.place)
    draft.owner = owner_of(entity, draft)
    if class_slug == "technical_service":
        draft.identify("slug", re.sub(r"[._-]+", "-", entity.name.lower()))
    else:
        draft.identify("name", entity.name)
        draft.identify("system", first(refs(entity, "system", "system")))
    _describe(entity, draft, options)
    for key, default, type_, direction in _RELATIONS:
        for target in refs(entity, key, default):
            draft.relate(type_, target, direction)  # type: ignore[arg-type]
    return draft


def _describe(entity: Entity, draft: Draft, options: Options) -> None:
    metadata, spec = entity.metadata, entity.spec
    draft.describe(metadata.get("description"))
    draft.say("api_type" if entity.kind == "api" else "kind", spec.get("type"))
    labels = [f"{key}={value}" for key, value in mapping(metadata.get("labels")).items() if word(value)]
    draft.say("labels", labels + [tag for tag in items(metadata.get("tags")) if word(tag)])
    links = [word(at(link, "url")) or "" for link in items(metadata.get("links"))]
    draft.say("links", [url for url in links if re.match(r"https?://[^\s/]", url, re.IGNORECASE)])
    kept = {key: value for key, value in mapping(metadata.get("annotations")).items() if key in options.annotations}
    draft.say("annotations", [f"{key}={value}" for key, value in kept.items() if word(value)])
    lifecycle = word(spec.get("lifecycle"))
    if entity.kind in ("component", "api"):
        draft.state = _LIFECYCLES.get((lifecycle or "").lower(), "active")
        draft.say("lifecycle", lifecycle)
    if (lifecycle or "").lower() == "deprecated":
        draft.say("deprecated", True)
        draft.note("deprecated", gettext("Its lifecycle is “deprecated”."))


_KINDS: Mapping[str, Callable[[str], str]] = {
    "domain": lambda type_: "domain",
    "system": lambda type_: "system",
    "component": lambda type_: "technical_service" if type_.lower() in _SERVICES else "application",
    "api": lambda type_: "api",
    "resource": lambda type_: _RESOURCES.get(type_.lower().replace("_", "-"), "resource"),
}
# field of the spec, kind of a target that names none, relation, which way
_RELATIONS: tuple[tuple[str, str, str, str], ...] = (
    ("domain", "domain", "part_of", "out"), ("subdomainOf", "domain", "part_of", "out"),
    ("system", "system", "part_of", "out"), ("subcomponentOf", "component", "part_of", "out"),
    ("providesApis", "api", "provides", "out"), ("consumesApis", "api", "consumes", "out"),
    ("dependsOn", "component", "depends_on", "out"), ("dependencyOf", "component", "depends_on", "in"),
)  # fmt: skip
