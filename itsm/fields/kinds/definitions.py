"""A field as its values are held to it, and when one is written."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from itsm.fields.vocabulary import Type

MOST_CHOSEN = 50
LONGEST = {Type.TEXT.value: 500, Type.LONG.value: 10_000, Type.LINK.value: 2000}
GREATEST = 10**15
WHOLE = re.compile(r"-?[0-9]{1,16}", re.ASCII)
FILE_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
LookUp = Callable[["Definition", str], int | None]  # a name -> the id of the record that the writer may choose


@dataclass(frozen=True, slots=True)
class Choosable:
    """An option: its key never changes. A retired one still reads, and is not chosen anew."""

    key: str
    label: str
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """A field as its values are held to it."""

    key: str
    type: str
    label: str = ""
    rules: Mapping[str, Any] = field(default_factory=dict)
    options: tuple[Choosable, ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """When a value is written, and what stood there before: a retired option may stay."""

    now: datetime
    today: date
    before: Any = None
