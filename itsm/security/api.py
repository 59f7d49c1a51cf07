"""What is open or weak here, over REST: the same findings as on the page."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.api import fields
from itsm.api.filters import refuse_unknown
from itsm.api.permissions import Entry
from itsm.api.viewsets import Rows
from itsm.security.findings import Area, Gravity, all_findings
from itsm.security.permissions import security_readers


class SecurityRecordShown(serializers.Serializer[Any]):
    """A record that a finding is about."""

    name = serializers.CharField()
    page = fields.OurAddress(source="path", allow_null=True, help_text="null where it has none")


class SecurityFindingShown(serializers.Serializer[Any]):
    """`key` is stable; `count`: how many records are concerned, of which `records` holds at most 20."""

    key = serializers.CharField()
    area = fields.Choice(choices=Area.choices)
    gravity = fields.Choice(choices=Gravity.choices)
    title = serializers.CharField()
    why = serializers.CharField()
    remedy = serializers.CharField()
    page = fields.OurAddress(source="path", allow_null=True, help_text="where it is mended; null where that is no page")
    records = SecurityRecordShown(many=True)
    count = serializers.IntegerField()


class SecurityShown(serializers.Serializer[Any]):
    findings = SecurityFindingShown(many=True)


class SecurityViewSet(Rows):
    """Each answer is read from what there is, at this moment."""

    policy: ClassVar = {"retrieve": Entry(security_readers)}
    serializer_class = SecurityShown
    pagination_class = None

    @extend_schema(operation_id="security_retrieve", responses={200: SecurityShown})
    def retrieve(self, request: Request) -> Response:
        """Everything that was looked at, good answers too; for people who are administrators or auditors."""
        refuse_unknown(request.query_params, (), whole=True)
        return Response(SecurityShown({"findings": all_findings()}).data)
