"""Change models over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.environments.api import EnvironmentNameField
from catalog.services.api.fields import ServiceField
from catalog.services.permissions import standard_authorisers
from changes.change_models import operations as change_models
from changes.change_models.models import ChangeModel, ModelVersion
from changes.change_models.operations import versioning
from changes.change_models.permissions import model_writers
from changes.change_models.queries import names_of_all
from changes.change_models.rules.bounds import DAYS
from changes.change_models.rules.soundness import MOST_PATHS, MOST_SERVICES, MOST_USERS
from changes.change_models.vocabulary import MOST_TASKS, TaskKind
from changes.change_models.workflow import MODEL
from itsm.accounts import scopes
from itsm.accounts.permissions import staff
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.steps import draws_steps
from itsm.api.versions import version_read
from itsm.api.viewsets import Readable
from itsm.slugs import slug_shape


class TaskOfModel(Strict):
    """What a change of the model begins with. `mandatory`: it holds up the start, the finish or the close, by kind."""

    kind = fields.Choice(choices=TaskKind.choices, default=TaskKind.IMPLEMENTATION.value)
    title = fields.Text(max_length=200)
    mandatory = fields.YesNo(default=True)


class ModelBounds(Strict):
    """What a change by it may be; what is left out stays as it is, of a new model: any."""

    also_services = serializers.ListField(child=ServiceField(), required=False, max_length=MOST_SERVICES)
    environments = serializers.ListField(child=EnvironmentNameField(), required=False, max_length=20)
    repository = fields.Text(max_length=200, allow_blank=True, required=False)
    workflow_name = fields.Text(max_length=200, allow_blank=True, required=False)
    paths = serializers.ListField(child=fields.Text(max_length=200), required=False, max_length=MOST_PATHS)
    most_commits = fields.Whole(min_value=1, required=False, allow_null=True)
    days = serializers.ListField(child=fields.Choice(choices=list(DAYS)), required=False, max_length=7)
    hours_from = fields.Text(max_length=5, allow_blank=True, required=False, help_text="such as 08:00")
    hours_until = fields.Text(max_length=5, allow_blank=True, required=False, help_text="such as 17:00")
    zone = fields.Text(max_length=64, required=False)
    users = serializers.ListField(child=PersonField(), required=False, max_length=MOST_USERS)
    risk = fields.Choice(choices=["low", "medium", "high"], required=False)
    allows_migration = fields.YesNo(required=False)
    progressive = fields.YesNo(required=False)
    rollback_tested = fields.YesNo(required=False)
    tasks = serializers.ListField(child=TaskOfModel(), required=False, max_length=MOST_TASKS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("also_services", "users"):
            if name in attrs:
                attrs[name] = sorted({one.pk for one in attrs[name]})
        return attrs


class NewModel(ModelBounds):
    slug = fields.Text(max_length=63, validators=[slug_shape])
    service = ServiceField()


class ModelVersionShown(Shown):
    """`bounds`: as they are kept; services and accounts by their ids."""

    written_by = PersonField(read_only=True)
    approved_by = PersonField(read_only=True)

    class Meta:
        model = ModelVersion
        fields = ("number", "state", "bounds", "written_by", "written_at", "approved_by", "approved_at")


class ModelVersionsShown(serializers.Serializer[Any]):
    versions = ModelVersionShown(many=True)


class ModelShown(Shown):
    service = ServiceField(read_only=True)
    approved_by = PersonField(read_only=True)
    tasks = TaskOfModel(many=True)
    proposed_by = PersonField(read_only=True)
    also_services = serializers.SerializerMethodField(help_text="slugs")
    users = serializers.SerializerMethodField(help_text="user names; none: anybody")

    def get_also_services(self, model: ChangeModel) -> list[str]:
        services, _users = self._named
        return sorted(services[pk] for pk in model.also_services if pk in services)

    def get_users(self, model: ChangeModel) -> list[str]:
        _services, users = self._named
        return sorted(users[pk] for pk in model.users if pk in users)

    @cached_property
    def _named(self) -> tuple[dict[int, str], dict[int, str]]:
        """By id, for all models of an answer at once: two queries, none where nobody named any."""
        many = isinstance(self.parent, serializers.ListSerializer)
        shown: Any = self.parent.instance if many else [self.instance]
        return names_of_all(list(shown))

    class Meta:
        model = ChangeModel
        fields = (
            "slug", "service", "also_services", "environments", "repository", "workflow_name", "paths", "most_commits",
            "days", "hours_from", "hours_until", "zone", "users", "risk", "allows_migration", "progressive",
            "rollback_tested",
            "tasks", "number", "status", "proposed_by", "approved_by", "certified_at", "suspended_because", "version",
        )  # fmt: skip


@draws_steps(MODEL, record="a change model", scope=scopes.CHANGES_WRITE, who=standard_authorisers)
class ModelViewSet(Readable):
    """Change models: what makes a change standard."""

    policy: ClassVar = {
        "list": Entry(staff),
        "retrieve": Entry(staff),
        "create": Entry(model_writers, scopes.CHANGES_WRITE),
        "versions": Entry(staff),
        "write": Entry(model_writers, scopes.CHANGES_WRITE),
        "approve_version": Entry(standard_authorisers, scopes.CHANGES_WRITE),
        "discard_version": Entry(model_writers, scopes.CHANGES_WRITE),
    }
    serializer_class = ModelShown
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,80}"

    def visible_rows(self) -> QuerySet[ChangeModel]:
        return ChangeModel.objects.select_related("service", "approved_by", "proposed_by").order_by()

    @extend_schema(request=NewModel, responses={201: ModelShown})
    @idempotent()
    def create(self, request: Request) -> Response:
        """Propose one: it makes nothing standard before a service owner, another person, approves it."""
        model = change_models.propose_model(actor=self.actor, at=timezone.now(), **self.validated(NewModel))
        return self.respond(model, 201, {"Location": f"/api/v1/change-models/{model.slug}/"})

    @extend_schema(responses=ModelVersionsShown)
    @action(detail=True, serializer_class=ModelVersionsShown)
    def versions(self, request: Request, slug: str) -> Response:
        """Its versions, the newest first; at most 200."""
        found = self.get_object().versions.select_related("written_by", "approved_by")[:200]
        return Response(ModelVersionsShown({"versions": found}, context=self.get_serializer_context()).data)

    @extend_schema(request=ModelBounds, responses=ModelVersionShown)
    @versions.mapping.post
    def write(self, request: Request, slug: str) -> Response:
        """Write the next version, or go on with its draft; it holds once a second person approved it."""
        draft = versioning.write_version(
            self.get_object(), actor=self.actor, version=version_read(request), at=timezone.now(),
            **self.validated(ModelBounds),
        )  # fmt: skip
        return Response(ModelVersionShown(draft, context=self.get_serializer_context()).data)

    @extend_schema(request=Nothing, responses=ModelShown)
    @action(detail=True, methods=["post"], url_path=r"versions/(?P<number>[0-9]{1,6})/approve")
    def approve_version(self, request: Request, slug: str, number: str) -> Response:
        """Its bounds hold from now on; who wrote it does not approve it."""
        self.validated(Nothing)
        return self.respond(
            versioning.approve_version(
                self.get_object(), int(number), actor=self.actor, version=version_read(request), at=timezone.now()
            )
        )

    @extend_schema(request=Nothing, responses=ModelShown)
    @action(detail=True, methods=["post"], url_path=r"versions/(?P<number>[0-9]{1,6})/discard")
    def discard_version(self, request: Request, slug: str, number: str) -> Response:
        """A draft that is not wanted."""
        self.validated(Nothing)
        return self.respond(
            versioning.discard_version(self.get_object(), int(number), actor=self.actor, version=version_read(request))
        )
