"""Files of YAML or JSON to the documents in them, each with the name by which people find it."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

from django.utils.translation import gettext

from catalog.formats.documents import File
from catalog.formats.limits import MOST_DOCUMENTS, STRUCTURED
from itsm.safe_yaml.reading import each_value_in, text_of
from itsm.safe_yaml.trees import Refused

_ValueT = TypeVar("_ValueT")


class Broken(Exception):
    """A file that cannot be read to its end. The sentence says where and why."""

    def __init__(self, file: str, sentence: str) -> None:
        super().__init__(sentence)
        self.file, self.sentence = file, sentence


class Found(NamedTuple):
    """`value`: the document, or the Refused that says why this one is not taken. `place`: "stores.yaml, document 3"."""

    value: Any
    place: str


def found_in(file: File) -> Iterator[Found]:
    """Every document that is not empty. Raises Broken, perhaps after some of them."""
    try:
        values = each_value_in(text_of(file.content, STRUCTURED), STRUCTURED)
        for number, value in enumerate(within(file, values), start=1):
            yield Found(value, gettext("%(file)s, document %(number)d") % {"file": file.name, "number": number})
    except Refused as refused:
        raise Broken(file.name, sentence_of(refused)) from refused


def within(file: File, values: Iterable[_ValueT]) -> Iterator[_ValueT]:
    """The values of a list in the file, which are documents themselves. Raises Broken for too many."""
    for number, value in enumerate(values, start=1):
        if number > MOST_DOCUMENTS:
            raise Broken(file.name, gettext("This has more than %d documents; split the file.") % MOST_DOCUMENTS)
        yield value


def sentence_of(refused: Refused) -> str:
    """With its line."""
    return gettext("Line %(line)d: %(problem)s") % {"line": refused.line, "problem": refused.message}
