"""The history over REST, and whether it is proven: auditors and administrators."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts import scopes
from itsm.api import fields
from itsm.api.permissions import Entry as Policy
from itsm.api.routing import Router
from itsm.api.serializers import Nothing, Shown
from itsm.api.viewsets import Readable
from itsm.audit.models import Entry
from itsm.audit_trail import asking, queries
from itsm.audit_trail.filters import EntryFilter
from itsm.audit_trail.permissions import audit_readers, check_askers


class AuditEntryShown(Shown):
    """One entry. `changes`: by field, [before, after]; `door`: through which it was done; `request`: its number."""

    who = serializers.CharField(source="actor_name")
    account_type = serializers.CharField(source="actor_kind")
    door = serializers.CharField(source="via")
    request = serializers.CharField(source="request_id")
    changes = serializers.JSONField()

    class Meta:
        model = Entry
        fields = (
            "id", "at", "who", "account_type", "door", "event", "record_kind", "record_id", "reference",
            "changes", "remark", "request",
        )  # fmt: skip


class AuditFindingShown(serializers.Serializer[Any]):
    """What is wrong, where: position in a chain, entry; null where there is none."""

    what = serializers.CharField()
    chain = serializers.IntegerField(allow_null=True)
    position = serializers.IntegerField(allow_null=True)
    entry = serializers.IntegerField(allow_null=True)
    words = serializers.CharField()


class AskedCheckShown(serializers.Serializer[Any]):
    """A check of all of it that somebody asked for, and how far it is."""

    asked_at = fields.Instant()
    percent = serializers.IntegerField()
    ended_at = fields.Instant(allow_null=True)


class AuditStateShown(serializers.Serializer[Any]):
    """Whether the history is proven. `state`: unchecked, broken, silent (nothing laid outside), unsigned or proven.
    `under_way`: the check of all of it that goes on; null where none does."""

    state = serializers.CharField()
    verified_at = fields.Instant(allow_null=True)
    verified_whole_at = fields.Instant(allow_null=True)
    newest_entry = serializers.IntegerField(allow_null=True)
    anchored_at = fields.Instant(allow_null=True)
    anchor = serializers.IntegerField(allow_null=True)
    outside = serializers.IntegerField(allow_null=True)
    findings = AuditFindingShown(many=True)
    under_way = AskedCheckShown(allow_null=True)


class AuditViewSet(Readable):
    """What happened, newest first; entries are never changed, and a chain of hashes proves them."""

    policy: ClassVar = {
        **dict.fromkeys(("list", "retrieve", "verify"), Policy(audit_readers)),
        "verify_now": Policy(check_askers, scopes.PEOPLE_WRITE),
    }
    serializer_class = AuditEntryShown
    filterset_class = EntryFilter
    lookup_value_regex = "[0-9]{1,18}"

    def visible_rows(self) -> QuerySet[Entry]:
        return queries.entries(self.actor).order_by()

    @extend_schema(responses=AuditStateShown, operation_id="audit_verify", filters=False)
    @action(detail=False, pagination_class=None, filterset_class=None)
    def verify(self, request: Request) -> Response:
        """What the newest check of the history found, and up to where its heads lie outside."""
        found = queries.state(timezone.now())
        checked = found.checked
        said = {
            "state": found.word,
            "verified_at": checked and checked.at,
            "verified_whole_at": found.whole and found.whole.at,
            "newest_entry": checked and checked.newest,
            "anchored_at": found.anchor and found.anchor.at,
            "anchor": found.anchor and found.anchor.number,
            "outside": found.outside and found.outside.number,
            "findings": checked.findings if checked else [],
            "under_way": found.under_way,
        }
        return Response(AuditStateShown(said).data)

    @extend_schema(request=Nothing, responses={202: AskedCheckShown}, operation_id="audit_verify_now", filters=False)
    @verify.mapping.post
    def verify_now(self, request: Request) -> Response:
        """Check all of it, beginning now: it takes seconds to minutes, and GET says how far it is. Asked for again
        meanwhile, or within a minute of its end, it is the same one."""
        self.validated(Nothing)
        made = asking.ask(actor=self.actor, at=timezone.now())
        return Response(AskedCheckShown(made).data, 202, headers={"Location": "/api/v1/audit/verify/"})


def register(router: Router) -> None:
    router.register("audit", AuditViewSet, basename="audit-entry")
