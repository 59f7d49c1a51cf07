"""One page and one dialog for every step of a workflow: drawn from its rows, so that a new step needs no view."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from itsm.accounts.actors import actor_of
from itsm.accounts.step_up import ask_proof, prove
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.kernel.workflow import Agreed, Chosen, Moment, Person, Step, Words, Workflow
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from itsm.ui.templatetags.kept import address

_ORDER = {"blue": 0, "red": 2}
# By language and words, which are kept along, so that no other words are ever taken for them.
_kept: dict[tuple[Any, ...], tuple[tuple[Words, ...], SafeString]] = {}
_MOST_KEPT = 500
_PLACE = "id_of_a_step"
Find = Callable[[Actor, str], Any]
Waits = Callable[[HttpRequest, Any], HttpResponse]


class Offered(NamedTuple):
    """A step as a page shows it: a button, or a dialog where it asks for something: `drawn` are its empty boxes."""

    step: Step
    address: str
    drawn: SafeString


def form_of(step: Step, record: Any = None) -> type[forms.Form]:
    """The form that a step's words make; of a record's step without what is not asked there."""
    return _form_of(_asked(step, record))


def _asked(step: Step, record: Any) -> tuple[Words, ...]:
    return tuple(words for words in step.words if record is None or words.where is None or words.where(record))


def _form_of(asked: Iterable[Words]) -> type[forms.Form]:
    return type("StepForm", (Form,), {words.name: _field(words) for words in asked})


def _field(words: Words) -> forms.Field:
    field = _box(words)
    field.unmarked = words.needed  # type: ignore[attr-defined]
    return field


def _box(words: Words) -> forms.Field:
    if isinstance(words, Chosen):
        empty = [("", _("choose"))] if words.required else [("", _("nothing"))]
        return forms.ChoiceField(
            label=words.label, choices=[*empty, *words.choices], help_text=words.help, required=words.required
        )
    if isinstance(words, Agreed):
        return forms.BooleanField(label=words.label, help_text=words.help, required=words.required)
    if isinstance(words, Moment):
        clock = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        return forms.DateTimeField(label=words.label, widget=clock, help_text=words.help, required=words.required)
    offered = {"data-people": "one"} if isinstance(words, Person) else {}
    box = forms.Textarea(attrs={"rows": words.rows}) if words.rows > 1 else forms.TextInput(attrs=offered)
    return forms.CharField(
        label=words.label, max_length=words.longest, widget=box, help_text=words.help, required=words.required
    )


def offered(record: Any, actor: Actor, url_name: str) -> list[Offered]:
    """The steps open to the actor: first what leads on, last what hurts. `url_name` takes reference and action."""
    open_steps = [one for one in record.workflow.open_to(actor, record) if one.action in record.workflow.operations]
    return [
        Offered(
            one,
            address(url_name, (record.reference, one.action)),
            _drawn(_asked(one, record), _ids(record, one.action)),
        )
        for one in sorted(open_steps, key=lambda step: _ORDER.get(step.colour, 1))
    ]


def _ids(record: Any, action: str) -> str:
    """What the ids of a step's boxes begin with: a page has dialogs of several steps, and of several records."""
    return f"id_{record.kind}_{record.pk}_{action}"


def _drawn(asked: tuple[Words, ...], ids: str) -> SafeString:
    """The boxes of a form that nothing was written in yet, nothing where nothing is asked: drawn once in each language.

    `ids`: what their ids begin with, put in afterwards. Words are told apart by themselves: they are
    rows of a table and live as long as it does, and so does what is kept.
    """
    if not asked:
        return SafeString("")
    key = (get_language(), *map(id, asked))
    found = _kept.get(key)  # another thread may clear it meanwhile
    if found is None:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        empty = _form_of(asked)(auto_id=f"{_PLACE}_%s")
        found = _kept[key] = asked, render_to_string("components/step_boxes.html", {"form": empty})
    return SafeString(found[1].replace(_PLACE, ids))


def step_page(
    workflow: Workflow, find: Find, waits: Waits | None = None, *, weighs: frozenset[str] = frozenset()
) -> Callable[..., HttpResponse]:
    """The view of every step: `find` the record among what the actor may see, `waits` where a second person is needed
    (None: no step ever waits for one). Steps of `weighs` ask who somebody is, as their operations do.

    GET asks for what the step needs; POST takes it. A dialog posts by htmx and gets its form back.
    """

    @login_required
    @require_http_methods(["GET", "POST"])
    def step(request: HttpRequest, reference: str, action: str) -> HttpResponse:
        if action not in workflow.operations:
            raise Http404
        actor = actor_of(request)
        record = find(actor, reference)
        # Of the table that this record walks, where it has the row; where not, whoever might take it elsewhere is told.
        taken = record.workflow.steps.get(action, workflow.steps[action])
        check_may(taken, actor, record)
        form = form_of(taken, record)(posted(request), auto_id=f"{_ids(record, action)}_%s")
        if action in weighs:
            ask_proof(form, actor)
        status = 200 if request.method == "GET" else 422
        if request.method == "POST" and (form.is_valid() or not form.fields):
            with form_errors_from(form) as refused:
                said = getattr(form, "cleaned_data", {})
                actor = prove(request, actor, said)
                moved = workflow.take(action, record, actor=actor, at=timezone.now(), **said)
                return _answered(request, moved, waits)
            status = refused.status
        template = "components/step_form.html" if getattr(request, "htmx", False) else "components/step.html"
        context = {
            "record": record,
            "form": form,
            "step": taken,
            "address": request.path,
            "becomes": _becomes(record, taken),
        }
        return render(request, template, context, status=status)

    return step


def _becomes(record: Any, step: Step) -> str:
    """The state that the step leads to, in words; "" where it keeps the one that stands."""
    if step.target in (None, record.status):
        return ""
    return str(dict(record._meta.get_field("status").flatchoices).get(step.target, step.target))


def check_may(step: Step, actor: Actor, record: Any) -> None:
    """NotPermitted before anything that was sent, and the record's state, is looked at."""
    if not step.who(actor, record):
        said = {"name": actor.name, "do": step.action.replace("_", " "), "reference": record.reference}
        raise NotPermitted(_("%(name)s may not %(do)s %(reference)s.") % said)


def _answered(request: HttpRequest, moved: Any, waits: Waits | None) -> HttpResponse:
    if waits is not None and getattr(moved, "awaits", None) is not None:
        return waits(request, moved.awaits)
    said = {"reference": moved.reference, "state": moved.get_status_display()}
    messages.success(request, _("%(reference)s: %(state)s") % said)
    return redirect_after_write(request, moved.get_absolute_url())
