"""The steps of a workflow over REST: one POST action per row, with body and policy entry, drawn from the table."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts.permissions import participants
from itsm.api import fields
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Rows
from itsm.kernel.actors import Actor
from itsm.kernel.workflow import Agreed, Chosen, Moment, Step, Words, Workflow

ViewSetT = TypeVar("ViewSetT", bound=type[Rows])
Awaiting = tuple[type[Any], Callable[[Any], Response]]
_bodies: dict[tuple[object, ...], type[Strict]] = {}


def body_of(words: tuple[Words, ...]) -> type[Strict]:
    """The body that these words make. Steps that ask for the same share it, and its name in the schema."""
    if not words:
        return Nothing
    key = tuple((type(one), one.noun, one.name, one.longest, one.required) for one in words)
    if key not in _bodies:
        name = "".join(one.noun.partition("_")[2].title().replace("_", "") for one in words)
        declared = {one.name: _field(one) for one in words}
        _bodies[key] = type(name, (Strict,), {"__doc__": "What a step asks for.", **declared})
    return _bodies[key]


def _field(words: Words) -> Any:
    if isinstance(words, Chosen):
        unset: dict[str, Any] = {} if words.required else {"required": False, "allow_blank": True}
        return fields.Choice(choices=list(words.choices), **unset)
    if isinstance(words, Agreed):
        return fields.YesNo() if words.required else fields.YesNo(required=False)
    if isinstance(words, Moment):
        return fields.Instant() if words.required else fields.Instant(required=False, allow_null=True)
    options: dict[str, Any] = {} if words.required else {"required": False, "allow_blank": True}
    return fields.Text(max_length=words.longest, **options)


def draws_steps(
    workflow: Workflow,
    *,
    record: str,
    scope: str | Sequence[str],
    who: Callable[[Actor], bool] = participants,
    awaiting: Awaiting | None = None,
    **others: Entry,
) -> Callable[[ViewSetT], ViewSetT]:
    """Give a viewset a POST action for every step that an operation takes. `record`: "an incident", for the schema.

    Whoever `who` admits and the row's `who` permits may take it, with a token of `scope`; `others` are entries of steps
    that differ. `awaiting`: the shape and the answer where a second person must confirm first.
    """

    def draw(viewset: ViewSetT) -> ViewSetT:
        entries: dict[str, Entry] = {}
        for name in workflow.operations:
            step = workflow.steps[name]
            given = scope if isinstance(scope, str) else tuple(scope)
            entries[name] = others.get(name) or Entry(who, given, over=step.who)
            setattr(viewset, name, _action(workflow, step, viewset, record, awaiting))
        viewset.policy = {**viewset.policy, **entries}
        return viewset

    return draw


def _action(workflow: Workflow, step: Step, viewset: type[Rows], record: str, awaiting: Awaiting | None) -> Any:
    body, shown = body_of(step.words), viewset.serializer_class

    def taken(self: Rows, version: int | None) -> Response:
        words = self.validated(body)
        moved = workflow.take(
            step.action, self.get_object(), actor=self.actor, at=timezone.now(), version=version, **words
        )
        if awaiting is not None and getattr(moved, "awaits", None) is not None:
            return awaiting[1](moved.awaits)
        return self.respond(moved)

    def as_it_stands(self: Rows, request: Request, **kwargs: Any) -> Response:
        return taken(self, None)

    def as_it_was_read(self: Rows, request: Request, **kwargs: Any) -> Response:
        return taken(self, version_read(request))  # the schema lists If-Match where this is seen

    take = as_it_was_read if workflow.operations[step.action].wants_version else as_it_stands
    take.__name__ = step.action  # before `action` looks at it: the router finds the step by this name
    take.__doc__ = f"{step.action.replace('_', ' ').capitalize()} {record}."
    responses = {200: shown, 202: awaiting[0]} if awaiting and step.seconded else shown
    plural = record.partition(" ")[2].replace(" ", "_") + "s"
    described = extend_schema(request=body, responses=responses, operation_id=f"{plural}_{step.action}")
    name = step.action.replace("_", "-")
    return described(action(detail=True, methods=["post"], url_path=name, url_name=name)(take))
