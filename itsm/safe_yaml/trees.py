"""Values from YAML's events, without recursion and within bounds.

Building from events rather than with a loader keeps three promises: a nest of any depth, an alias bomb
or an anchor inside itself is refused before it costs anything; a key given twice is an error; and no
scalar is guessed into a date or a float.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.utils.translation import gettext

from itsm.safe_yaml.scalars import Unfit, fit, resolve

_CORE = "tag:yaml.org,2002:"
_PLAIN_TAGS = {_CORE + name for name in ("int", "float", "bool", "null")}
_TEXT_TAGS = {"!", _CORE + "str", _CORE + "timestamp"}
_MERGE = "<<"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is taken: bytes, levels, values with aliases written out, anchors; values in JSON, which has no aliases."""

    largest: int = 2_000_000
    deepest: int = 60
    most_nodes: int = 200_000
    most_anchors: int = 2_000
    most_in_json: int = 200_000


class Refused(Exception):
    """Why a text is not read: rule, sentence, line from 1."""

    def __init__(self, rule: str, message: str, line: int) -> None:
        super().__init__(message)
        self.rule, self.message, self.line = rule, message, line


@dataclass(slots=True)
class _Node:
    """A finished value and what it costs: nodes in it, levels below it. `text` is a scalar as written."""

    value: Any
    size: int = 1
    height: int = 1
    text: str | None = None
    plain: bool = False


@dataclass(slots=True)
class _Open:
    """A collection being filled. Keys and values of a mapping come in turns."""

    mapping: bool
    anchor: str | None
    found: list[_Node] = field(default_factory=list)
    size: int = 1
    height: int = 1
    keys: set[str] = field(default_factory=set)


class _Builder:
    def __init__(self, bounds: Bounds) -> None:
        self.documents: list[Any] = []
        self.bounds = bounds
        self.nodes = self.named = 0
        self._reset()

    def _reset(self) -> None:
        self.stack: list[_Open] = []
        # None while the anchor's own collection is still open.
        self.anchors: dict[str, _Node | None] = {}

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.NodeEvent) and event.anchor and not isinstance(event, yaml.AliasEvent):
            self.named += 1
            if self.named > self.bounds.most_anchors:
                message = gettext("This has more than %d anchors.") % self.bounds.most_anchors
                raise Refused("too-large", message, line)
        match event:
            case yaml.DocumentStartEvent():
                self._reset()
            case yaml.AliasEvent():
                self._place(self._alias(str(event.anchor), line), line)
            case yaml.ScalarEvent():
                node = _scalar(event, line)
                if event.anchor:
                    self.anchors[event.anchor] = node
                self._place(node, line)
            case yaml.CollectionStartEvent():
                self._open(event, line)
            case yaml.CollectionEndEvent():
                self._close(line)

    def _alias(self, anchor: str, line: int) -> _Node:
        if anchor not in self.anchors:
            raise Refused("invalid-yaml", gettext("The alias *%s points nowhere.") % anchor[:80], line)
        node = self.anchors[anchor]
        if node is None:
            raise Refused("alias-loop", gettext("The alias *%s stands inside of what it names.") % anchor[:80], line)
        return node

    def _open(self, event: yaml.CollectionStartEvent, line: int) -> None:
        if event.tag and event.tag not in {"!", _CORE + "map", _CORE + "seq"}:
            raise _tag_refused(event.tag, line)
        if len(self.stack) >= self.bounds.deepest:
            raise too_deep(line, self.bounds)
        if event.anchor:
            self.anchors[event.anchor] = None
        self.stack.append(_Open(isinstance(event, yaml.MappingStartEvent), event.anchor))

    def _close(self, line: int) -> None:
        done = self.stack.pop()
        value = _mapping(done.found, line) if done.mapping else [node.value for node in done.found]
        node = _Node(value, done.size, done.height)
        if done.anchor:
            self.anchors[done.anchor] = node
        self._place(node, line, counted=True)

    def _place(self, node: _Node, line: int, counted: bool = False) -> None:
        """Into the collection on top, or as the whole document. An alias costs what it stands for."""
        self.nodes += 1 if counted else node.size
        if self.nodes > self.bounds.most_nodes:
            raise too_many(line, self.bounds.most_nodes)
        if not self.stack:
            if node.value is not None:
                self.documents.append(node.value)
            return
        top = self.stack[-1]
        if len(self.stack) + node.height > self.bounds.deepest + 1:
            raise too_deep(line, self.bounds)
        if top.mapping and len(top.found) % 2 == 0:
            _check_key(top, node, line)
        top.found.append(node)
        top.size += node.size
        top.height = max(top.height, node.height + 1)


def build(events: Iterable[yaml.Event], bounds: Bounds) -> list[Any]:
    """The documents that are not empty. Raises Refused; YAML errors pass through."""
    builder = _Builder(bounds)
    for event in events:
        builder.take(event)
    return builder.documents


def build_each(events: Iterable[yaml.Event], bounds: Bounds) -> Iterator[Any]:
    """Document by document: its value, or the Refused that says why that one is not taken; the next is read anyhow.

    Raises Refused where the whole text is too much: what it takes is counted over all documents.
    """
    builder, refused, taken = _Builder(bounds), None, 0
    for number, event in enumerate(events):
        if isinstance(event, yaml.DocumentStartEvent):
            refused, builder.nodes = None, 0
        line = event.start_mark.line + 1 if event.start_mark else 1
        if number > 2 * bounds.most_nodes or taken > bounds.most_nodes:
            raise too_many(line, bounds.most_nodes)
        if refused is None:
            try:
                builder.take(event)
            except Refused as reason:
                refused = reason
                builder.documents.clear()
        if isinstance(event, yaml.DocumentEndEvent):
            taken += 0 if refused is not None else builder.nodes
            yield from [refused] if refused is not None else builder.documents
            builder.documents.clear()


def too_deep(line: int, bounds: Bounds) -> Refused:
    """The refusal, in words."""
    return Refused("too-deep", gettext("This is nested deeper than %d levels.") % bounds.deepest, line)


def too_many(line: int, most_nodes: int) -> Refused:
    """The refusal, in words."""
    return Refused("too-large", gettext("This is more than %d values, aliases written out.") % most_nodes, line)


def _tag_refused(tag: str, line: int) -> Refused:
    return Refused("unknown-tag", gettext("The tag %s means nothing here.") % tag[:80], line)


def _scalar(event: yaml.ScalarEvent, line: int) -> _Node:
    text = str(event.value)
    plain = bool(event.implicit[0])  # style is no guide: libyaml calls plain "", Python None
    if event.tag and event.tag not in _PLAIN_TAGS | _TEXT_TAGS:
        raise _tag_refused(event.tag, line)
    try:
        value = resolve(text) if plain or event.tag in _PLAIN_TAGS else fit(text)
    except Unfit as error:
        raise Refused("invalid-text", gettext("This text has characters that cannot be kept."), line) from error
    return _Node(value, text=text, plain=plain)


def _check_key(top: _Open, node: _Node, line: int) -> None:
    if node.text is None:
        raise Refused("invalid-yaml", gettext("A key has to be a word, not a list or a mapping."), line)
    if node.text in top.keys:
        raise Refused("duplicate-key", gettext("The key “%s” is given twice.") % node.text[:80], line)
    top.keys.add(node.text)


def _mapping(found: list[_Node], line: int) -> dict[str, Any]:
    """Keys are the text as written (`on` is "on"). `<<` lends what is not said here."""
    said: dict[str, Any] = {}
    lent: dict[str, Any] = {}
    for key, node in zip(found[::2], found[1::2], strict=True):
        if key.plain and key.text == _MERGE:
            for lender in node.value if isinstance(node.value, list) else [node.value]:
                if not isinstance(lender, dict):
                    raise Refused("invalid-yaml", gettext("Only mappings can be merged with <<."), line)
                lent = lender | lent
        else:
            said[str(key.text)] = node.value
    return lent | said
