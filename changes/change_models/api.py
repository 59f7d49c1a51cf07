"""Change models over REST."""

from typing import ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.environments.api import EnvironmentNameField
from catalog.services.api.fields import ServiceField
from catalog.services.permissions import standard_authorisers
from changes.change_models import operations as change_models
from changes.change_models.models import ChangeModel
from changes.change_models.vocabulary import MOST_TASKS, TaskKind
from itsm.accounts import scopes
from itsm.accounts.permissions import staff
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.slugs import slug_shape


class TaskOfModel(Strict):
    """What a change of the model begins with. `mandatory`: it holds up the start, the finish or the close, by kind."""

    kind = fields.Choice(choices=TaskKind.choices, default=TaskKind.IMPLEMENTATION.value)
    title = fields.Text(max_length=200)
    mandatory = fields.YesNo(default=True)


class NewModel(Strict):
    slug = fields.Text(max_length=63, validators=[slug_shape])
    service = ServiceField()
    environments = serializers.ListField(child=EnvironmentNameField(), default=list, max_length=20)
    repository = fields.Text(max_length=200, allow_blank=True, default="")
    workflow_name = fields.Text(max_length=200, allow_blank=True, default="")
    risk = fields.Choice(choices=["low", "medium", "high"], default="low")
    allows_migration = fields.YesNo(default=False)
    progressive = fields.YesNo(default=False)
    rollback_tested = fields.YesNo(default=False)
    tasks = serializers.ListField(child=TaskOfModel(), default=list, max_length=MOST_TASKS)


class ModelSuspension(Strict):
    because = fields.Text(max_length=200)


class ModelShown(Shown):
    service = ServiceField(read_only=True)
    approved_by = PersonField(read_only=True)
    tasks = TaskOfModel(many=True)

    class Meta:
        model = ChangeModel
        fields = (
            "slug", "service", "environments", "repository", "workflow_name", "risk", "allows_migration",
            "progressive", "rollback_tested", "tasks", "status", "approved_by", "certified_at", "suspended_because",
            "version",
        )  # fmt: skip


class ModelViewSet(Readable):
    """Change models: what makes a change standard."""

    policy: ClassVar = {
        "list": Entry(staff),
        "retrieve": Entry(staff),
        "create": Entry(standard_authorisers, scopes.CHANGES_WRITE),
        "certify": Entry(standard_authorisers, scopes.CHANGES_WRITE),
        "suspend": Entry(standard_authorisers, scopes.CHANGES_WRITE),
        "retire": Entry(standard_authorisers, scopes.CHANGES_WRITE),
    }
    serializer_class = ModelShown
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,80}"

    def visible_rows(self) -> QuerySet[ChangeModel]:
        return ChangeModel.objects.select_related("service", "approved_by").order_by()

    @extend_schema(request=NewModel, responses={201: ModelShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """On the name of a service owner or administrator."""
        model = change_models.approve_model(actor=self.actor, at=timezone.now(), **self.validated(NewModel))
        return self.respond(model, 201, {"Location": f"/api/v1/change-models/{model.slug}/"})

    @extend_schema(request=Nothing, responses=ModelShown)
    @action(detail=True, methods=["post"])
    def certify(self, request: Request, slug: str) -> Response:
        """For another 180 days; lifts a suspension."""
        self.validated(Nothing)
        model = change_models.certify_model(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now()
        )
        return self.respond(model)

    @extend_schema(request=ModelSuspension, responses=ModelShown)
    @action(detail=True, methods=["post"])
    def suspend(self, request: Request, slug: str) -> Response:
        """Stop it until it is certified again; its users are told."""
        model = change_models.suspend_model(
            self.get_object(), actor=self.actor, version=version_read(request), **self.validated(ModelSuspension)
        )
        return self.respond(model)

    @extend_schema(request=Nothing, responses=ModelShown)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, slug: str) -> Response:
        """It is over, for good."""
        self.validated(Nothing)
        return self.respond(
            change_models.retire_model(self.get_object(), actor=self.actor, version=version_read(request))
        )
