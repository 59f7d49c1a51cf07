"""Tags for what looks the same on page after page: made once, then taken from memory. Built in, no {% load %} needed.

What is kept shows nothing but what it is kept by, so that it is never out of date: inside of `{% kept %}` no other
variable exists.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.templatetags.i18n import TranslateNode, do_translate
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import get_language

from itsm.ui.shapes import Shape

register = template.Library()

# Of each place in a template: words with their variables, a few hundred bytes each.
MOST = 500
_PLAIN = frozenset({str, int, bool, type(None)})
_ADDRESSES = 8192
# Lists to choose from, some kilobytes each: of services, people and queues, as readers see them.
_LISTS = 100
_OPTION = Shape('<option value="{}">{}</option>')


@register.tag
def kept(parser: Any, token: Any) -> template.Node:
    """{% kept %}the same for everybody{% endkept %}; {% kept entry unread %}: once for each of their values.

    The names are variables of plain values (str, int, bool, None, tuples of such values). Nothing that belongs to one
    request alone may stand inside: no form, no other variable, no block.
    """
    names = token.split_contents()[1:]
    nodes = parser.parse(("endkept",))
    parser.delete_first_token()
    return Kept(nodes, names)


class Kept(template.Node):
    """What was made lies in the node: where a template is read anew, it is made anew."""

    child_nodelists = ("nodelist",)

    def __init__(self, nodelist: template.NodeList, names: list[str]) -> None:
        self.nodelist, self.names = nodelist, names
        self.made: dict[Any, SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        """As the nodes inside would, of these variables alone. TypeError for a value that is not plain."""
        values = [_plain(context.get(name)) for name in self.names]
        key = (get_language(), get_script_prefix(), *values)
        found = self.made.get(key)
        if found is None:
            if len(self.made) >= MOST:
                self.made.clear()
            alone = context.new(dict(zip(self.names, values, strict=True)))
            alone.template = context.template
            found = self.made[key] = self.nodelist.render(alone)
        return found


def _plain(value: Any) -> Any:
    """The value, out of a lazy wrapping. A record is refused: it equals what it was before it changed; and so is safe
    text, which equals the text that is not."""
    if _is_plain(value):
        return value
    if isinstance(value, int):
        return 0 + value  # a lazy number has no other way out
    if isinstance(value, tuple) and _is_plain(found := tuple(value)):
        return found
    raise TypeError(f"What is kept is kept by plain values only, not by {type(value).__name__}.")


def _is_plain(value: Any) -> bool:
    kind = type(value)
    return kind in _PLAIN or (issubclass(kind, tuple) and all(map(_is_plain, value)))


@register.tag("translate")
@register.tag("trans")
def translate(parser: Any, token: Any) -> template.Node:
    """Django's tag, which looks a word that stands in the template up once in each language."""
    node = do_translate(parser, token)
    spoken = node.filter_expression
    if not isinstance(spoken.var.literal, str) or spoken.filters or node.message_context or node.noop:
        return node
    return Word(spoken, node.noop, node.asvar)


class Word(TranslateNode):
    """One that nothing but the language changes."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.made: dict[tuple[str | None, bool], str] = {}
        self.into, self.asvar = self.asvar, None

    def render(self, context: template.Context) -> str:
        """The word, or nothing where it goes into a variable (`as`)."""
        key = (get_language(), context.autoescape)
        found = self.made.get(key)
        if found is None:
            found = self.made[key] = super().render(context)
        if self.into is None:
            return found
        context[self.into] = found
        return ""


@register.tag
def url(parser: Any, token: Any) -> template.Node:
    """Django's tag, which looks the same address up once."""
    node = django_url(parser, token)
    return Address(node.view_name, node.args, node.kwargs, node.asvar)


class Address(URLNode):
    """Every namespace is included once, so that an address does not depend on the page that it stands on."""

    def render(self, context: template.Context) -> str:
        """The address, or nothing into a variable (`as`) where there is none. NoReverseMatch without a variable."""
        args = tuple([argument.resolve(context) for argument in self.args])
        kwargs = tuple([(name, value.resolve(context)) for name, value in self.kwargs.items()])
        try:
            found = address(self.view_name.resolve(context), args, kwargs)
        except NoReverseMatch:
            if self.asvar is None:
                raise
            found = ""
        if self.asvar:
            context[self.asvar] = found
            return ""
        return conditional_escape(found) if context.autoescape else found


def address(name: Any, args: tuple[Any, ...] = (), kwargs: tuple[tuple[str, Any], ...] = ()) -> str:
    """The address of a view, as `reverse` gives it. NoReverseMatch where there is none."""
    if isinstance(name, str) and all(map(_is_word, args)) and all(_is_word(value) for _, value in kwargs):
        return _known(get_script_prefix(), name, args, kwargs)
    return reverse(name, args=args, kwargs=dict(kwargs))


def _is_word(value: Any) -> bool:
    """Neither a bool, which would be taken for a number, nor anything that is equal without being the same."""
    return type(value) in {str, int, SafeString}


@lru_cache(_ADDRESSES)
def _known(prefix: str, name: str, args: tuple[Any, ...], kwargs: tuple[tuple[str, Any], ...]) -> str:
    return reverse(name, args=args, kwargs=dict(kwargs))


@register.simple_tag
def options(choices: Sequence[tuple[int, str]], chosen: Any = None, longest: int | None = None) -> SafeString:
    """The options of a box, {% options services incident.service_id 60 %}: of pairs of a value and its label, which is
    cut after the `longest` signs."""
    written, places = _written(tuple(choices), longest)
    place = places.get(chosen)
    return SafeString(written if place is None else f"{written[:place]} selected{written[place:]}")


@lru_cache(_LISTS)
def _written(choices: tuple[tuple[int, str], ...], longest: int | None) -> tuple[str, dict[int, int]]:
    """Kept by its own words, so that it is never out of date: the text, and where `selected` goes for each value."""
    written, places, length = [], {}, 0
    for value, label in choices:
        shown = label if longest is None else Truncator(label).chars(longest)
        written.append(_OPTION(str(value), shown))
        places[value] = length + len(f'<option value="{value}"')
        length += len(written[-1])
    return "".join(written), places
