"""Back-tests and shadows of a policy over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from changes.back_tests import operations, queries
from changes.back_tests.models import BackTest, BackTestDifference, ShadowAnswer
from changes.back_tests.vocabulary import Refusal
from changes.policies import permissions
from changes.policies.models import GatePolicy
from changes.policies.operations import begin_shadow, end_shadow
from changes.policies.queries import visible_policies
from itsm.accounts import scopes
from itsm.accounts.permissions import staff
from itsm.api import fields
from itsm.api.idempotency import idempotent
from itsm.api.people import PersonField
from itsm.api.permissions import Entry
from itsm.api.serializers import Nothing, Shown, Strict
from itsm.api.versions import version_read
from itsm.api.viewsets import Rows
from itsm.kernel.errors import NotFound

_MOST_DIFFERING = 200
_READ = Entry(staff)
_WRITE = Entry(permissions.policy_keepers, scopes.CHANGES_WRITE)


class BackTestPeriod(Strict):
    since = fields.Instant()
    until = fields.Instant()


class DifferenceShown(Shown):
    """`then`: what was said; `now`: what the policy says of the same evidence."""

    change = serializers.CharField(source="decision.change.reference")
    decision = serializers.IntegerField(source="decision_id")
    then = serializers.CharField(source="outcome_then")
    now = serializers.CharField(source="outcome_now")

    class Meta:
        model = BackTestDifference
        fields = ("change", "decision", "then", "now", "quadrant", "waited_minutes")


class BackTestShown(Shown):
    """`hours_saved`: of people's waiting, below zero where it adds some. `refused`: by the reason why the evidence is
    not judged. `differing`: the first 200 of `differing_total` answers that differ."""

    asked_by = PersonField(read_only=True)
    percent = serializers.SerializerMethodField()
    changes = serializers.SerializerMethodField()
    smooth = serializers.SerializerMethodField()
    escaped = serializers.SerializerMethodField()
    friction = serializers.SerializerMethodField()
    stopped = serializers.SerializerMethodField()
    unknown = serializers.SerializerMethodField()
    refused = serializers.SerializerMethodField()
    hours_saved = serializers.SerializerMethodField()
    differing_total = serializers.SerializerMethodField()
    differing = serializers.SerializerMethodField()

    class Meta:
        model = BackTest
        fields = (
            "id", "state", "since", "until", "content_hash", "asked_by", "asked_at", "finished_at", "percent",
            "changes", "smooth", "escaped", "friction", "stopped", "unknown", "refused", "hours_saved",
            "differing_total", "differing",
        )  # fmt: skip

    def _tally(self, run: BackTest) -> queries.Tally:
        """Read once for the whole answer."""
        if not hasattr(run, "shown_tally"):
            run.shown_tally = queries.tally(run)  # type: ignore[attr-defined]
        found: queries.Tally = run.shown_tally  # type: ignore[attr-defined]
        return found

    def get_percent(self, run: BackTest) -> int:
        return self._tally(run).percent

    def get_changes(self, run: BackTest) -> int:
        return self._tally(run).changes

    def get_smooth(self, run: BackTest) -> int:
        return self._tally(run).counts["smooth"]

    def get_escaped(self, run: BackTest) -> int:
        return self._tally(run).counts["escaped"]

    def get_friction(self, run: BackTest) -> int:
        return self._tally(run).counts["friction"]

    def get_stopped(self, run: BackTest) -> int:
        return self._tally(run).counts["stopped"]

    def get_unknown(self, run: BackTest) -> int:
        return self._tally(run).counts["unknown"]

    @extend_schema_field({"type": "object", "properties": {name: {"type": "integer"} for name in Refusal.values}})
    def get_refused(self, run: BackTest) -> dict[str, int]:
        return self._tally(run).refused

    def get_hours_saved(self, run: BackTest) -> float:
        return self._tally(run).hours_saved

    def get_differing_total(self, run: BackTest) -> int:
        return self._tally(run).differing

    @extend_schema_field(DifferenceShown(many=True))
    def get_differing(self, run: BackTest) -> Any:
        return DifferenceShown(queries.differences(run)[:_MOST_DIFFERING], many=True).data


class _OfAPolicy(Rows):
    """Keyed by the policy's number."""

    def visible_rows(self) -> QuerySet[GatePolicy]:
        return visible_policies(self.actor)

    def get_queryset(self) -> QuerySet[GatePolicy]:
        fake = getattr(self, "swagger_fake_view", False)
        return GatePolicy.objects.none() if fake else self.visible_rows()


class BackTestViewSet(_OfAPolicy):
    """The newest back-test of a policy: past changes decided again from the evidence that their decisions keep."""

    policy: ClassVar = {"retrieve": _READ, "create": _WRITE, "cancel": _WRITE}
    serializer_class = BackTestShown

    @extend_schema(responses=BackTestShown, operation_id="policies_backtest_retrieve")
    def retrieve(self, request: Request, pk: str) -> Response:
        """How far it is, and what was found so far."""
        return self.respond(self._latest())

    @extend_schema(request=BackTestPeriod, responses={202: BackTestShown}, operation_id="policies_backtest_create")
    @idempotent()
    def create(self, request: Request, pk: str) -> Response:
        """Test the policy as it stands now on the changes decided in a period that are over. Workers do it."""
        period = self.validated(BackTestPeriod)
        run = operations.ask(self.get_object(), actor=self.actor, at=timezone.now(), **period)
        return self.respond(run, 202, {"Location": f"/api/v1/policies/{pk}/backtest/"})

    @extend_schema(request=Nothing, responses={200: BackTestShown}, operation_id="policies_backtest_cancel")
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop it; what was found stays."""
        self.validated(Nothing)
        return self.respond(operations.cancel(self._latest(), actor=self.actor, at=timezone.now()))

    def _latest(self) -> BackTest:
        run = queries.latest(self.get_object())
        if run is None:
            raise NotFound(gettext("This policy was not tested on past changes yet."))
        return run

    def made_before(self, key: str) -> Any:
        return BackTest.objects.filter(pk=key).first()


class ShadowWish(Strict):
    on = fields.YesNo()


class ShadowAnswerShown(Shown):
    """`said`: what the gate said; `would_have_said`: the shadow."""

    change = serializers.CharField(source="decision.change.reference")
    decision = serializers.IntegerField(source="decision_id")
    decided_at = fields.Instant(source="decision.decided_at")
    said = serializers.CharField(source="decision.outcome")
    would_have_said = serializers.CharField(source="outcome")

    class Meta:
        model = ShadowAnswer
        fields = ("change", "decision", "decided_at", "said", "would_have_said")


class ShadowCountShown(serializers.Serializer[Any]):
    said = serializers.CharField()
    would_have_said = serializers.CharField()
    times = serializers.IntegerField()


class ShadowShown(Shown):
    """`counts`: how often the shadow agreed and how often not; `differing`: the newest 200 where it did not."""

    counts = serializers.SerializerMethodField()
    differing = serializers.SerializerMethodField()

    class Meta:
        model = GatePolicy
        fields = ("id", "title", "status", "shadow_since", "counts", "differing", "version")

    @extend_schema_field(ShadowCountShown(many=True))
    def get_counts(self, policy: GatePolicy) -> Any:
        rows = queries.shadow_counts(policy)
        return [{"said": said, "would_have_said": would, "times": times} for said, would, times in rows]

    @extend_schema_field(ShadowAnswerShown(many=True))
    def get_differing(self, policy: GatePolicy) -> Any:
        return ShadowAnswerShown(queries.shadow_answers(policy)[:_MOST_DIFFERING], many=True).data


class ShadowViewSet(_OfAPolicy):
    """A policy beside the ruling one: what it would have said since."""

    policy: ClassVar = {"retrieve": _READ, "create": _WRITE}
    serializer_class = ShadowShown

    @extend_schema(responses=ShadowShown, operation_id="policies_shadow_retrieve")
    def retrieve(self, request: Request, pk: str) -> Response:
        """Where it agreed with what the gate said, and where not."""
        return self.respond(self.get_object())

    @extend_schema(request=ShadowWish, responses={200: ShadowShown}, operation_id="policies_shadow_create")
    @idempotent()
    def create(self, request: Request, pk: str) -> Response:
        """Begin or end to record what it would say; it decides nothing."""
        wish, policy, version = self.validated(ShadowWish), self.get_object(), version_read(request)
        if wish["on"]:
            return self.respond(begin_shadow(policy, actor=self.actor, version=version, at=timezone.now()))
        return self.respond(end_shadow(policy, actor=self.actor, version=version))
