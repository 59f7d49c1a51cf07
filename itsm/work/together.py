"""What people send from the part of a record's page that shows its tasks and links."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.http import Http404, HttpRequest, HttpResponse

from itsm.accounts.actors import actor_of
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.ui import htmx
from itsm.work.forms import LinkForm, TaskForm
from itsm.work.linking import link_named
from itsm.work.tasks import tasks_of

RecordT = TypeVar("RecordT", bound=Any)


@dataclass(frozen=True, slots=True)
class Together(Generic[RecordT]):
    """`worked_on` finds the record for who may change it (NotFound, NotPermitted) before anything sent is looked at.

    `part(request, record, actor, status, **refused)` draws the part with a form that was refused. `operations` are the
    record's own: `add_task`, `edit_task`, `remove_task`, `connect`, `disconnect`.
    """

    worked_on: Callable[[Actor, str], RecordT]
    part: Callable[..., HttpResponse]
    operations: Any

    def done_or_told(
        self, request: HttpRequest, record: RecordT, actor: Actor, form_name: str, form: Form,
        do: Callable[[], object], *, anchor: str = "together",
    ) -> HttpResponse:  # fmt: skip
        """What a form on this part asks for is done, and one is back there; else the part with what was typed."""
        return htmx.done_or_told(
            request, form, do, f"{record.get_absolute_url()}#{anchor}",
            lambda status: self.part(request, record, actor, status, **{form_name: form}),
        )  # fmt: skip

    def add_task(self, request: HttpRequest, reference: str, form_class: type[TaskForm] = TaskForm) -> HttpResponse:
        """One more thing to do."""
        actor = actor_of(request)
        record, form = self.worked_on(actor, reference), form_class(request.POST)
        return self.done_or_told(
            request, record, actor, "task_form", form,
            lambda: self.operations.add_task(record, actor=actor, **form.cleaned_data),
        )  # fmt: skip

    def task(self, request: HttpRequest, reference: str, task: int, verb: str) -> HttpResponse:
        """Tick a task (`done`), take the tick back (`undone`), or take the task away (`remove`)."""
        actor = actor_of(request)
        record = self.worked_on(actor, reference)
        found = tasks_of(record).filter(pk=task).first()
        if found is None or verb not in {"done", "undone", "remove"}:
            raise Http404
        if verb == "remove":
            self.operations.remove_task(record, found, actor=actor)
        else:
            self.operations.edit_task(record, found, actor=actor, done=verb == "done")
        return self._back(request, record)

    def add_link(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Link it to another record."""
        actor = actor_of(request)
        record, form = self.worked_on(actor, reference), LinkForm(request.POST)
        return self.done_or_told(
            request, record, actor, "link_form", form,
            lambda: self.operations.connect(record, actor=actor, **form.cleaned_data),
        )  # fmt: skip

    def unlink(self, request: HttpRequest, reference: str, link: int) -> HttpResponse:
        """Take a link away."""
        actor = actor_of(request)
        record = self.worked_on(actor, reference)
        self.operations.disconnect(record, link_named(record, actor, link), actor=actor)
        return self._back(request, record)

    def _back(self, request: HttpRequest, record: RecordT) -> HttpResponse:
        return htmx.redirect_after_write(request, f"{record.get_absolute_url()}#together")
