"""Template tags that every page may use; built in, no {% load %} needed. See "Add a page" in CONTRIBUTING.md."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from secrets import token_hex
from typing import Any

from django import template
from django.template.defaulttags import CsrfTokenNode
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from itsm.ui import colours, figures
from itsm.ui.moving import Age, Ago, Left
from itsm.ui.shapes import Shape

register = template.Library()

_DIALOG = Shape(
    '<dialog class="sheet{}" id="{}" aria-labelledby="{}-title">\n<div class="sheet-head">\n<h2 id="{}-title">{}</h2>\n'
    '<button type="button" class="tool push" data-closes aria-label="{}">{}</button>\n</div>\n'
    '<div class="sheet-body">{}</div>\n</dialog>\n'
)
_TAG = Shape('<span class="tag tag-{}">{}</span>')
_PRIORITY = Shape('<span class="prio prio-{}" title="{}">P{}</span>')


@register.tag
def csrf_token(parser: Any, token: Any) -> template.Node:
    """Django's tag, and a token of this very form: sent twice, it makes one record (`itsm.ui.sending`)."""
    return FormTokens()


class FormTokens(CsrfTokenNode):
    def render(self, context: template.Context) -> SafeString:
        return format_html(
            '{}<input type="hidden" name="form_token" value="{}">', super().render(context), token_hex(12)
        )


@register.simple_tag
def icon(name: str, kind: str = "") -> SafeString:
    """An icon beside a word. Icons never stand for a word: give the button an aria-label."""
    return _icon(name, kind == "small")


@cache
def _icon(name: str, small: bool) -> SafeString:
    size = "icon icon-small" if small else "icon"
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', size, static("vendor/icons.svg"), name
    )


@register.simple_tag
def when(instant: datetime | None) -> SafeString | str:
    """How long ago, kept current by js/times.js; the exact instant with its zone on hover."""
    if instant is None:
        return "\N{EN DASH}"
    return SafeString(Ago(instant)(timezone.now()))


@register.simple_tag
def time_left(instant: datetime, soon: datetime) -> SafeString:
    """How long until then; marked once it is over or comes before `soon`, by a sign too and not by colour alone."""
    now = timezone.now()
    return SafeString(Left(instant, soon - now)(now))


@register.simple_tag
def age(instant: datetime) -> SafeString:
    """How old, in one unit without words, for a narrow column; the exact instant on hover."""
    return SafeString(Age(instant)(timezone.now()))


@register.simple_tag
def exactly(instant: datetime | None) -> str:
    """The exact instant in the reader's zone, for sentences that need it."""
    return figures.exact(instant) if instant else "\N{EN DASH}"


@register.filter
def ratio(value: Any, places: int = 1) -> str:
    """A share as a percentage, rounded down: {{ budget.remaining|ratio }} or {% ratio budget.remaining %}."""
    return figures.percent(value, places)


@register.simple_tag(name="ratio")
def ratio_tag(value: Any, places: int = 1) -> str:
    return figures.percent(value, places)


@register.filter
def factor(value: Any, places: int = 1) -> str:
    """A burn rate or another factor with a fixed number of decimals."""
    return figures.plain_number(value, places)


@register.filter
def hours_and_minutes(minutes: int) -> str:
    """Minutes as people say them: {{ 95|hours_and_minutes }} is 1 h 35 min."""
    return figures.hours_and_minutes(minutes)


def tag(word: Any, tone: str) -> SafeString:
    """A word in a shape; apps build the badges of their own vocabularies with it (`templatetags` of the app)."""
    return _TAG(tone, word)


@register.simple_tag
def badge(word: Any, tone: str = "grey") -> SafeString:
    """A word with a shape and a colour that means something: red, amber, green, blue, grey."""
    return tag(word, tone)


@register.simple_tag
def status_badge(record: Any) -> SafeString:
    """The state of a record with a workflow."""
    return tag(*colours.status(record))


@register.simple_tag
def priority(record: Any) -> SafeString:
    number, words = record.priority, colours.in_words(record, "priority")
    return _PRIORITY(number, words, number)


@register.filter
def in_words(record: Any, name: str) -> Any:
    """A choice in words, for rows: {{ service|in_words:"tier" }} says what {{ service.get_tier_display }} does."""
    return colours.in_words(record, name)


@register.simple_tag
def sparkline(values: Sequence[float], label: str = "") -> SafeString | str:
    """The course of a figure; without a label (its column has a heading) it is for the eye alone."""
    points = figures.sparkline(values)
    if not points:
        return ""
    said = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" {}><polyline points="{}"/></svg>',
        said,
        points,
    )


@register.filter
def of_kind(names: Mapping[str, Any], kind: str) -> str:
    """What a kind of record is called: {{ names|of_kind:document.record_kind }}."""
    return str(names.get(kind, kind))


@register.simple_tag
def ref(reference: str, url: str = "") -> SafeString:
    """A reference that is copied by one click; a link where a url is given."""
    name: Any = format_html('<a href="{}">{}</a>', url, reference) if url else reference
    return format_html('<span class="ref">{}{}</span>', name, copy_button(reference))


@register.simple_tag
def copy_button(text: str) -> SafeString:
    label = _("Copy %(text)s") % {"text": text[:60]}
    return format_html(
        '<button type="button" class="copy" data-copy="{}" aria-label="{}" title="{}">{}</button>',
        text,
        label,
        label,
        icon("copy", "small"),
    )


@register.simple_block_tag
def why(content: str, label: str = "") -> SafeString:
    """{% why %}the arithmetic{% endwhy %}: opens in place, without javascript."""
    return format_html(
        '<details class="why"><summary>{}</summary><div class="why-body">{}</div></details>',
        label or _("why?"),
        content,
    )


@register.simple_block_tag
def copyable(content: str) -> SafeString:
    """{% copyable %}text to copy, such as a curl line{% endcopyable %}."""
    return format_html(
        '<div class="copyable"><pre tabindex="0"><code>{}</code></pre>'
        '<button type="button" class="copy copy-word" data-copy-near>{}{}</button></div>',
        content.strip() if not isinstance(content, SafeString) else SafeString(content.strip()),
        icon("copy", "small"),
        _("Copy"),
    )


@register.simple_block_tag
def dialog(content: str, id: str, title: str, wide: bool = False) -> SafeString:
    """{% dialog id="resolve" title=... %}form{% enddialog %}, opened by any element with data-opens="resolve"."""
    return _DIALOG(" sheet-wide" if wide else "", id, id, id, title, _("Close"), icon("x"), content)


@register.inclusion_tag("components/field.html")
def field(bound: Any, hide_label: bool = False) -> dict[str, Any]:
    """A form's field with label, help and errors. Its kind chooses the css class."""
    widget = bound.field.widget
    kinds = {
        "select": "form-select",
        "checkboxinput": "form-check-input",
        "radioselect": "",
        "checkboxselectmultiple": "",
    }
    kind = kinds.get(type(widget).__name__.lower(), "form-control")
    many = type(widget).__name__ in {"RadioSelect", "CheckboxSelectMultiple"}
    if many:  # each choice draws itself by these
        widget.attrs.setdefault("class", "form-check-input")
    attrs = {**widget.attrs, "class": f"{kind} {widget.attrs.get('class', '')}".strip()}
    now = getattr(bound.form, "stands_now", {}).get(bound.name)
    return {"now": now, "field": bound, "control": bound.as_widget(attrs=attrs), "hide_label": hide_label, "many": many,
            "check": type(widget).__name__ == "CheckboxInput"}  # fmt: skip


@register.simple_tag
def chosen(bound: Any) -> str:
    """What was sent for a field, in the words of its choices."""
    value = bound.value()
    labels = {str(key): str(label) for key, label in getattr(bound.field, "choices", [])}
    return labels.get(str(value), str(value or "\N{EN DASH}"))


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """This page's address with some parameters changed (None removes); paging starts anew unless given."""
    params = context["request"].GET.copy()
    for name in ("after", "before"):
        params.pop(name, None)
    for name, value in changes.items():
        if value is None or value == "":
            params.pop(name, None)
        else:
            params[name] = value
    return f"?{params.urlencode()}"
