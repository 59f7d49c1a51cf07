"""Shapes that come in: strict, bounded, every field said."""

from typing import Any, cast

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from catalog.cmdb.api.fields import ItemField
from catalog.cmdb.queries.changed import shown
from catalog.cmdb.queries.history import HIDDEN
from catalog.cmdb.queries.items import hidden_from
from catalog.environments.api import EnvironmentNameField
from catalog.environments.queries import default
from catalog.services.api.fields import ServiceField
from changes.change.api.documents import OutageDocument, VoidedDocument
from changes.change.api.shapes import voided_shape
from changes.change.models import Attestation, Attestor, Change
from changes.change.operations import callbacks
from changes.change.operations.affected import MOST_ITEMS
from changes.change.operations.origins import MOST_ORIGINS
from changes.change.operations.planned import LONGEST_OUTAGE, MOST_SERVICES_OUT
from changes.change.queries.outages import slugs_seen
from changes.change.vocabulary import OutcomeCode
from changes.change_models.models import ChangeModel
from changes.change_models.rules.bounds import MOST_PATHS_SAID
from changes.gate.vocabulary import ChangeClass, Purpose
from changes.policies.api.versions import PolicyApprovalWords
from itsm.api import fields
from itsm.api.nearest import did_you_mean
from itsm.api.people import PersonField
from itsm.api.serializers import Shown, Strict


@extend_schema_field({"type": ["string", "integer"]})
class Word(fields.Text):
    """A text, or a whole number taken as one: run ids come as either."""

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, int) and not isinstance(data, bool):
            data = str(data)
        return super().to_internal_value(data)


class Artifact(Strict):
    digest = fields.Text(max_length=200, allow_blank=True, default="")
    version = fields.Text(max_length=100, allow_blank=True, default="")


class Pipeline(Strict):
    """Which run asks. What a CI server does not know it may leave out, empty or null."""

    provider = fields.Text(max_length=60, default="", allow_blank=True, allow_null=True)
    repository = fields.Text(max_length=200, default="", allow_blank=True, allow_null=True)
    workflow = fields.Text(max_length=200, default="", allow_blank=True, allow_null=True)
    run_id = Word(max_length=100, default="", allow_blank=True, allow_null=True)
    attempt = Word(max_length=20, default="", allow_blank=True, allow_null=True)
    job = fields.Text(max_length=200, default="", allow_blank=True, allow_null=True)
    url = fields.Link()
    paths = serializers.ListField(
        child=fields.Text(max_length=500), max_length=MOST_PATHS_SAID, required=False,
        help_text="what the run changes, for the bounds of change models",
    )  # fmt: skip
    commits = fields.Whole(min_value=0, max_value=1_000_000, required=False, help_text="how many it brings")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {name: "" if value is None else value for name, value in attrs.items()}


@extend_schema_field({"type": ["boolean", "string"], "maxLength": 300})
class PeerReview(serializers.Field[Any, Any, Any, Any]):
    """true, or a text that says who reviewed or where to read it."""

    default_error_messages = {"shape": _("Send true, false, or a text of at most 300 characters.")}

    def to_internal_value(self, data: Any) -> bool | str:
        if isinstance(data, bool) or (isinstance(data, str) and len(data) <= 300):
            return data
        self.fail("shape")


class ProofClaims(Strict):
    """What the request says about itself: it may make the answer stricter, never more lenient."""

    peer_review = PeerReview(required=False)
    tests_passed = fields.Whole(min_value=0, required=False)
    tests_failed = fields.Whole(min_value=0, required=False)


class ExceptionClaims(Strict):
    incident = fields.Text(max_length=20, required=False)
    cve = fields.Text(max_length=30, required=False)
    finding = fields.Text(max_length=100, required=False)
    rollback_of = fields.Text(max_length=200, required=False)
    flag = fields.Text(max_length=100, required=False)


class WindowShape(Strict):
    start = fields.Instant()
    end = fields.Instant()


class OutageShape(Strict):
    """The outage that is expected: how long, and of which services; none named: the change's own."""

    minutes = fields.Whole(min_value=1, max_value=LONGEST_OUTAGE)
    services = serializers.ListField(child=ServiceField(), max_length=MOST_SERVICES_OUT, default=list)


@extend_schema_field(OpenApiTypes.STR)
class ModelField(serializers.Field[Any, Any, Any, Any]):
    """A change model's slug."""

    def to_internal_value(self, data: Any) -> ChangeModel:
        found = ChangeModel.objects.filter(slug=data[:80]).first() if isinstance(data, str) else None
        if found is None:
            near = did_you_mean(str(data), ChangeModel.objects.values_list("slug", flat=True).order_by("slug"))
            raise serializers.ValidationError(_("There is no such change model.") + near)
        return found

    def to_representation(self, value: ChangeModel) -> str:
        return value.slug


_A_PIPELINE_ASKS = {
    "service": "checkout",
    "environment": "production",
    "change_class": "standard",
    "summary": "Deploy checkout 4.2.0",
    "artifact": {"digest": f"sha256:{'0123456789abcdef' * 4}", "version": "4.2.0"},
    "pipeline": {"provider": "jenkins", "run_id": 7, "attempt": 1, "url": "http://jenkins:8080/job/7/"},
    "proof": {"peer_review": True, "tests_passed": 120, "tests_failed": 0},
}


class CallbackShape(Strict):
    """Who is told of the decision, signed as Standard Webhooks are; the secret is at `/callback-secret/`."""

    url = fields.Text(max_length=500)
    events = serializers.ListField(
        child=fields.Choice(choices=callbacks.EVENTS), min_length=1, max_length=len(callbacks.EVENTS), required=False,
        help_text="of which to tell; without it of each",
    )  # fmt: skip


@extend_schema_serializer(examples=[OpenApiExample("A pipeline asks", _A_PIPELINE_ASKS, request_only=True)])
class GateQuestion(Strict):
    """POST /api/v1/gate-evaluations/."""

    service = ServiceField()
    environment = EnvironmentNameField(default=default)
    change_class = fields.Choice(choices=[one.value for one in ChangeClass], default="normal")
    purpose = fields.Choice(choices=[one.value for one in Purpose], default="feature")
    summary = fields.Text(max_length=200)
    plan = fields.Text(max_length=20_000, allow_blank=True, default="")
    test_plan = fields.Text(max_length=20_000, allow_blank=True, default="")
    backout = fields.Text(max_length=20_000, allow_blank=True, default="")
    no_backout_because = fields.Text(max_length=2000, allow_blank=True, default="")
    communication_plan = fields.Text(max_length=20_000, allow_blank=True, default="")
    outage = OutageShape(required=False, allow_null=True)
    implementer = PersonField(required=False, allow_null=True)
    artifact = Artifact(required=False)
    commit = fields.Text(max_length=64, allow_blank=True, default="")
    pipeline = Pipeline(required=False)
    proof = ProofClaims(required=False)
    exception = ExceptionClaims(required=False, allow_null=True)
    model = ModelField(required=False, allow_null=True)
    window = WindowShape(required=False, allow_null=True)
    migration = fields.YesNo(required=False, allow_null=True)
    items = serializers.ListField(child=ItemField(), max_length=MOST_ITEMS, required=False)
    raised_from = serializers.ListField(
        child=fields.Text(max_length=20), max_length=MOST_ORIGINS, required=False,
        help_text="references of what it is raised from, such as INC-00042 or CI-00007: links on both records",
    )  # fmt: skip
    callback = CallbackShape(required=False, allow_null=True)
    answers = serializers.DictField(
        child=fields.Text(max_length=40), required=False,
        help_text="to what the ruling policy asks, question -> answer by their names",
    )  # fmt: skip


class QuestionAnswers(Strict):
    """Answers to what the ruling policy asks; what is left out stays open, and people decide."""

    answers = serializers.DictField(child=fields.Text(max_length=40))


class AnswerShown(serializers.Serializer[Any]):
    name = serializers.CharField()
    text = serializers.CharField()
    weight = serializers.IntegerField()


class QuestionShown(serializers.Serializer[Any]):
    """`answer`: "" while it is open."""

    name = serializers.CharField(source="question.name")
    text = serializers.CharField(source="question.text")
    answers = AnswerShown(source="question.answers", many=True)
    answer = serializers.CharField()


class QuestionsShown(serializers.Serializer[Any]):
    """What the ruling policy asks about a change now, in order."""

    asked_by = serializers.CharField()
    questions = QuestionShown(many=True)


class ApprovalWords(PolicyApprovalWords):
    """An answer about a change, which may have become worse since the gate looked."""

    seen = fields.Text(
        max_length=16, allow_blank=True, default="",
        help_text="the mark of what has become worse since the gate looked, from the refusal that names it",
    )  # fmt: skip


class OverrideWords(Strict):
    """Why it cannot wait, and who confirms it: another owner of the service or change manager."""

    reason = fields.Text(max_length=2000)
    second_person = PersonField()


class DeploymentStart(Strict):
    artifact = Artifact(required=False)
    environment = EnvironmentNameField(required=False)
    url = fields.Link()


class DeploymentEnd(Strict):
    status = fields.Choice(choices=["succeeded", "failed", "rolled_back"])


class ChangeEditing(Strict):
    summary = fields.Text(max_length=200, required=False)
    environment = EnvironmentNameField(required=False)
    purpose = fields.Choice(choices=[one.value for one in Purpose], required=False)
    plan = fields.Text(max_length=20_000, allow_blank=True, required=False)
    test_plan = fields.Text(max_length=20_000, allow_blank=True, required=False)
    backout = fields.Text(max_length=20_000, allow_blank=True, required=False)
    no_backout_because = fields.Text(max_length=2000, allow_blank=True, required=False)
    communication_plan = fields.Text(max_length=20_000, allow_blank=True, required=False)
    outage = OutageShape(required=False, allow_null=True)
    implementer = PersonField(required=False, allow_null=True)
    artifact = Artifact(required=False)
    commit = fields.Text(max_length=64, allow_blank=True, required=False)
    window = WindowShape(required=False, allow_null=True)
    items = serializers.ListField(child=ItemField(), max_length=MOST_ITEMS, required=False)
    agreed = fields.Text(
        max_length=16, allow_blank=True, required=False,
        help_text="what the edit takes away is asked first: \"\" to hear of it, then the mark from that refusal; "
        "left out: it is taken",
    )  # fmt: skip


class Closing(Strict):
    outcome = fields.Choice(choices=OutcomeCode.choices)
    note = fields.Text(max_length=4000, allow_blank=True, default="")


class ChangeShown(Shown):
    number = serializers.CharField(source="reference")
    state = serializers.CharField(source="status")
    service = ServiceField(read_only=True)
    model = ModelField(read_only=True)
    requested_by = PersonField(read_only=True)
    implementer = PersonField(read_only=True)
    outage = serializers.SerializerMethodField()
    verdict = serializers.CharField(
        source="verdict_now",
        help_text="of the gate, as it stands now; empty where no answer does: never asked, lapsed, taken back",
    )
    last_verdict = serializers.CharField(
        source="verdict", help_text="what the gate said last, whether or not it still stands"
    )
    overridden = serializers.BooleanField(
        source="overridden_now", help_text="it goes, or went, on two names although the gate did not let it"
    )
    outcome = serializers.CharField(source="outcome_code")
    review_because = serializers.CharField()
    reviewed_by = PersonField(read_only=True)
    items = serializers.SerializerMethodField()
    available = serializers.SerializerMethodField()
    page = fields.OurAddress(source="get_absolute_url")

    class Meta:
        model = Change
        fields: tuple[str, ...] = (
            "number", "summary", "service", "environment", "change_class", "purpose", "plan", "test_plan", "backout",
            "no_backout_because", "communication_plan", "outage", "artifact_digest", "artifact_version", "commit",
            "window_start", "window_end", "items", "model", "model_version", "implementer", "requested_by", "state",
            "verdict", "last_verdict", "overridden", "risk", "not_before", "authorised_until", "hold_reason",
            "held_at", "outcome", "outcome_note", "review_because", "review_due_at", "review_worked", "review_cost",
            "review_follow_up", "reviewed_by", "reviewed_at", "created_at", "started_at", "finished_at", "available",
            "version", "page",
        )  # fmt: skip

    def get_items(self, change: Change) -> list[str]:
        """References of the affected items; "..." for one that the caller may not see."""
        if not change.items:
            return []
        memo = cast("dict[str, Any]", self.context)
        if "hidden_items" not in memo:  # once for all rows
            memo["hidden_items"] = hidden_from(memo["view"].actor)
        return shown(change.items, memo["hidden_items"])

    @extend_schema_field(OutageDocument(allow_null=True))
    def get_outage(self, change: Change) -> dict[str, Any] | None:
        """How long it lasts, and of which services by name ("..." for one that the caller may not see)."""
        if change.outage_minutes is None:
            return None
        memo, slugs = cast("dict[str, Any]", self.context), {}
        if change.outage_services:
            if "service_slugs" not in memo:  # once for all rows
                memo["service_slugs"] = slugs_seen(memo["view"].actor)
            slugs = memo["service_slugs"]
        return {
            "minutes": change.outage_minutes,
            "services": [slugs.get(one, HIDDEN) for one in change.outage_services],
        }

    def get_available(self, change: Change) -> list[str]:
        """The steps that are open to the caller from here."""
        return [step.action for step in change.workflow.open_to(self.context["view"].actor, change)]


class ChangeEdited(ChangeShown):
    """After an edit: the change, and what the edit took away."""

    voided = serializers.SerializerMethodField()

    class Meta(ChangeShown.Meta):
        fields = (*ChangeShown.Meta.fields, "voided")

    @extend_schema_field(VoidedDocument(allow_null=True))
    def get_voided(self, change: Change) -> dict[str, Any] | None:
        """null where what was edited is no content, or nothing was asked or authorised."""
        return voided_shape(change.voided)


class NewAttestation(Strict):
    service = ServiceField()
    artifact_digest = fields.Text(max_length=200)
    about = fields.Choice(choices=Attestation.About.choices)
    passed = fields.Whole(min_value=0, default=1)
    failed = fields.Whole(min_value=0, default=0)
    source = fields.Text(max_length=60)  # type: ignore[assignment]
    url = fields.Link()


class AttestationShown(Shown):
    service = ServiceField(read_only=True)
    by = PersonField(read_only=True)
    withdraws = serializers.IntegerField(source="withdraws_id", allow_null=True)
    withdrawn = serializers.SerializerMethodField()

    class Meta:
        model = Attestation
        fields = (
            "id", "service", "artifact_digest", "about", "passed", "failed", "source", "url", "by", "at", "withdraws",
            "withdrawn",
        )  # fmt: skip

    def get_withdrawn(self, word: Attestation) -> bool:
        """Its author has taken it back."""
        return hasattr(word, "withdrawal")


class NewAttestor(Strict):
    service = ServiceField()
    about = fields.Choice(choices=Attestation.About.choices)
    account = PersonField()


class AttestorShown(Shown):
    service = ServiceField(read_only=True)
    account = PersonField(read_only=True)
    named_by = PersonField(read_only=True)
    dismissed_by = PersonField(read_only=True)

    class Meta:
        model = Attestor
        fields = (
            "id", "service", "about", "account", "named_by", "named_at", "dismissed_by", "dismissed_at", "version",
        )  # fmt: skip
