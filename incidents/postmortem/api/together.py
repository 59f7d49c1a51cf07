"""Timeline, actions and versions of a postmortem over REST: actions that the viewset of postmortems takes in."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.postmortem import operations, permissions, queries
from incidents.postmortem.api.serializers import (
    ActionEditing,
    ActionOutcome,
    ActionShown,
    EventEditing,
    EventShown,
    NewAction,
    NewEvent,
    VersionShown,
    WordingAsked,
    WordingTurnShown,
)
from incidents.postmortem.models import Postmortem, PostmortemAction, PostmortemEvent
from incidents.postmortem.rules import turns
from itsm.accounts import scopes
from itsm.api.idempotency import idempotent
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing
from itsm.api.versions import refuse_if_match
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound

READ = Entry(permissions.staff, over=permissions.readers)
WORK = Entry(permissions.responders, scopes.INCIDENTS_WRITE, over=permissions.writers)
# Whoever owns an action says that it is done; whose this one is, the operation looks at.
DO = Entry(permissions.participants, scopes.INCIDENTS_WRITE, over=permissions.doers_of_any)
POLICY: dict[str, Entry] = {
    "events": READ,
    "add_event": WORK,
    "edit_event": WORK,
    "remove_event": WORK,
    "actions": READ,
    "add_action": WORK,
    "edit_action": WORK,
    "remove_action": WORK,
    "finish_action": DO,
    "take_up_action": DO,
    "versions": READ,
    "wording": READ,
}
_ONE_EVENT, _ONE_ACTION = "events/(?P<event>[0-9]{1,18})", "actions/(?P<one>[0-9]{1,18})"


class Together:
    """What people do together on one postmortem."""

    actor: Actor
    get_object: Any
    validated: Any
    get_serializer_context: Any

    @extend_schema(responses={200: EventShown(many=True)}, operation_id="postmortems_events")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def events(self, request: Request, number: str) -> Response:
        """The timeline, oldest first."""
        return self._shown(EventShown, self.get_object().events.filter(removed=False), many=True)

    @extend_schema(request=NewEvent, responses={201: EventShown}, operation_id="postmortems_add_event")
    @events.mapping.post
    @idempotent()
    def add_event(self, request: Request, number: str) -> Response:
        """One more entry of the timeline, in a draft."""
        postmortem = self.get_object()
        made = operations.add_event(postmortem, actor=self.actor, **self.validated(NewEvent))
        return self._shown(EventShown, made, status=201)

    @extend_schema(request=EventEditing, responses={200: EventShown}, operation_id="postmortems_edit_event")
    @action(detail=True, methods=["patch"], url_path=_ONE_EVENT, url_name="event")
    def edit_event(self, request: Request, number: str, event: str) -> Response:
        """Say it otherwise. Filling again leaves it so."""
        postmortem = self.get_object()
        refuse_if_match(request)
        kept = _event_of(postmortem, event)
        return self._shown(
            EventShown, operations.edit_event(postmortem, kept, actor=self.actor, **self.validated(EventEditing))
        )

    @extend_schema(request=None, responses={204: None}, operation_id="postmortems_remove_event")
    @edit_event.mapping.delete
    def remove_event(self, request: Request, number: str, event: str) -> Response:
        """It is not told. Filling again does not bring it back."""
        postmortem = self.get_object()
        operations.remove_event(postmortem, _event_of(postmortem, event), actor=self.actor)
        return Response(status=204)

    @extend_schema(responses={200: ActionShown(many=True)}, operation_id="postmortems_actions")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def actions(self, request: Request, number: str) -> Response:
        """What is to be done so that it does not happen so again."""
        postmortem: Postmortem = self.get_object()
        rows = list(postmortem.actions.select_related("owner", "done_by", "postmortem", "problem", "problem__team"))
        return self._shown(ActionShown, rows, many=True, links=queries.links_of(rows, self.actor))

    @extend_schema(request=NewAction, responses={201: ActionShown}, operation_id="postmortems_add_action")
    @actions.mapping.post
    @idempotent()
    def add_action(self, request: Request, number: str) -> Response:
        """One more action, with an owner and a day; after it is published as well."""
        postmortem = self.get_object()
        made = operations.add_action(postmortem, actor=self.actor, **self.validated(NewAction))
        return self._shown(ActionShown, made, status=201)

    @extend_schema(request=ActionEditing, responses={200: ActionShown}, operation_id="postmortems_edit_action")
    @action(detail=True, methods=["patch"], url_path=_ONE_ACTION, url_name="action")
    def edit_action(self, request: Request, number: str, one: str) -> Response:
        """Change it, or link the change or problem that does it."""
        postmortem = self.get_object()
        refuse_if_match(request)
        kept = _action_of(postmortem, one)
        return self._shown(
            ActionShown, operations.edit_action(postmortem, kept, actor=self.actor, **self.validated(ActionEditing))
        )

    @extend_schema(request=None, responses={204: None}, operation_id="postmortems_remove_action")
    @edit_action.mapping.delete
    def remove_action(self, request: Request, number: str, one: str) -> Response:
        """It is none after all: of a draft."""
        postmortem = self.get_object()
        operations.remove_action(postmortem, _action_of(postmortem, one), actor=self.actor)
        return Response(status=204)

    @extend_schema(request=ActionOutcome, responses={200: ActionShown}, operation_id="postmortems_finish_action")
    @action(detail=True, methods=["post"], url_path=f"{_ONE_ACTION}/done", url_name="action-done")
    def finish_action(self, request: Request, number: str, one: str) -> Response:
        """It is done; its owner says so, or who writes in the postmortem."""
        postmortem = self.get_object()
        kept, words = _action_of(postmortem, one), self.validated(ActionOutcome)
        done = operations.finish_action(postmortem, kept, actor=self.actor, at=timezone.now(), **words)
        return self._shown(ActionShown, done)

    @extend_schema(request=Nothing, responses={200: ActionShown}, operation_id="postmortems_take_up_action")
    @action(detail=True, methods=["post"], url_path=f"{_ONE_ACTION}/undone", url_name="action-undone")
    def take_up_action(self, request: Request, number: str, one: str) -> Response:
        """It is not done after all."""
        postmortem = self.get_object()
        self.validated(Nothing)
        kept = _action_of(postmortem, one)
        return self._shown(ActionShown, operations.take_up_action(postmortem, kept, actor=self.actor))

    @extend_schema(responses={200: VersionShown(many=True)}, operation_id="postmortems_versions")
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def versions(self, request: Request, number: str) -> Response:
        """What was published, the newest first, as people read it then."""
        rows = list(self.get_object().versions.select_related("published_by"))
        return self._shown(VersionShown, rows, many=True, texts=queries.texts_of(rows))

    @extend_schema(
        request=WordingAsked,
        responses={200: WordingTurnShown(many=True)},
        operation_id="postmortems_wording",
        filters=False,
    )
    @action(detail=True, methods=["post"], pagination_class=None, filter_backends=[])
    def wording(self, request: Request, number: str) -> Response:
        """What could be said otherwise in a text that is being written. Nothing is kept."""
        names = queries.names_around(self.get_object())
        return Response([one._asdict() for one in turns(self.validated(WordingAsked)["text"], names)])

    def _shown(self, shape: Any, found: Any, *, many: bool = False, status: int = 200, **more: Any) -> Response:
        context = {**self.get_serializer_context(), **more}
        return Response(shape(found, many=many, context=context).data, status=status)


def _event_of(postmortem: Postmortem, number: str) -> PostmortemEvent:
    found = postmortem.events.filter(pk=int(number), removed=False).first()
    if found is None:
        raise NotFound(gettext("There is no such entry in the timeline."))
    return found


def _action_of(postmortem: Postmortem, number: str) -> PostmortemAction:
    found = postmortem.actions.filter(pk=int(number)).first()
    if found is None:
        raise NotFound(gettext("There is no such action."))
    return found
