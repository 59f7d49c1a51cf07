"""The lines of a record's story. A long one has hundreds: each is written at once, in a fifth of a template's time."""

from typing import Any

from django import template
from django.template import Engine
from django.utils.html import linebreaks
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from itsm.ui.activity import Delta, Event
from itsm.ui.shapes import Shape
from itsm.ui.templatetags.ui import icon, when

register = template.Library()

_LINE = Shape(
    '<li{} class="{}">\n<span class="who">{}</span>\n<div class="said">\n'
    '<strong>{}</strong>{} {}{}<span class="at">{}{}</span>\n{}\n{}\n</div>\n</li>'
)
_ENTRY = Shape(' id="entry-{}" data-entry="{}"')
_FACE = Shape('<span class="face" aria-hidden="true">{}</span>')
_SYSTEM = Shape('<span class="by-system">{}</span>')
_FAINT = Shape(' <span class="small faint">{}</span>')
_DELTA = Shape('<span class="delta">{}: <s>{}</s> → <b>{}</b></span>')
_BUBBLE = Shape('<div dir="auto" class="bubble{}">{}{}{}{}</div>')
_PRIVATE = Shape('<span class="small faint">{} {}</span>')
_FILES, _MAIL = "files/of_note.html", "mail/incoming/of_note.html"
_NOTHING = SafeString("")


@register.simple_tag(takes_context=True)
def story_line(context: template.Context, event: Event) -> SafeString:
    """What happened, by whom, when, with the words and files that came with it."""
    return _LINE(
        _ENTRY(event.entry, event.entry) if event.entry else _NOTHING,
        "" if event.text else "is-history",
        _FACE(event.who[:2]) if event.is_person else _SYSTEM(icon("robot", "small")),
        event.who,
        _NOTHING if event.is_person else _FAINT(_("automatic")),
        event.sentence,
        SafeString("".join(map(_FAINT, _added(event)))),
        when(event.at),
        f" · {_('by API')}" if event.via == "api" else "",
        SafeString("".join(map(_delta, event.deltas))),
        _bubble(context, event) if event.text else _NOTHING,
    )


def _added(event: Event) -> list[str]:
    """Where else it stands, and which program proposed it."""
    told = [_("on %(reference)s") % {"reference": event.origin}] if event.origin else []
    if event.proposed_by:
        told.append(_("as %(agent)s proposed") % {"agent": event.proposed_by})
    return told


def _delta(delta: Delta) -> SafeString:
    return _DELTA(delta.label, delta.before, delta.after)


def _bubble(context: template.Context, event: Event) -> SafeString:
    said = _PRIVATE(icon("lock", "small"), _("Only people who work here see this")) if event.private else _NOTHING
    text = SafeString(linebreaks(event.text, autoescape=True))
    return _BUBBLE(" is-private" if event.private else "", said, text, _files(context, event), _mail(context, event))


def _files(context: template.Context, event: Event) -> Any:
    if not event.files:
        return _NOTHING
    with context.push(files=event.files):
        return Engine.get_default().get_template(_FILES).render(context)


def _mail(context: template.Context, event: Event) -> Any:
    """What of the mail that it came by is folded: quotations, a signature; and the way to the mail itself."""
    if event.mail is None:
        return _NOTHING
    with context.push(mail=event.mail):
        return Engine.get_default().get_template(_MAIL).render(context)
