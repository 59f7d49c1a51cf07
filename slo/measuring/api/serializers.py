"""Shapes of indicators in REST."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from itsm.api import fields
from itsm.api.serializers import Shown, Strict
from itsm.slugs import slug_shape
from slo.measuring.models import DataSource, Indicator, UptimeCheck
from slo.measuring.queries.silence import SilentQuery, silent_queries
from slo.measuring.vocabulary import SLICE_LENGTHS


class DataSourceField(fields.Named):
    """The slug of a data source."""


class CheckMade(Strict):
    """What Headroom looks at itself: a web address or a port."""

    way = fields.Choice(choices=UptimeCheck.Way.choices)
    url = fields.Text(max_length=300, required=False)
    method = fields.Choice(choices=UptimeCheck.Method.choices, required=False)
    expected_status = fields.Text(max_length=60, required=False)
    must_contain = fields.Text(max_length=200, required=False)
    host = fields.Text(max_length=253, required=False)
    port = fields.Whole(min_value=1, max_value=65535, required=False)
    most_ms = fields.Whole(min_value=1, max_value=60_000, required=False, allow_null=True)
    authority = fields.Text(max_length=63, required=False, allow_blank=True, validators=[slug_shape])
    timeout_seconds = fields.Whole(min_value=1, max_value=30, required=False)


class NewIndicator(Strict):
    slug = fields.Text(max_length=63, validators=[slug_shape])
    name = fields.Text(max_length=120, required=False)
    source = fields.Choice(choices=Indicator.Source.choices)  # type: ignore[assignment]
    measure = fields.Choice(choices=Indicator.Kind.choices, required=False)
    data_source = DataSourceField("slug", queryset=DataSource.objects.all(), required=False)
    server_url = fields.Text(max_length=300, required=False)
    good_query = fields.Text(max_length=4000, required=False)
    bad_query = fields.Text(max_length=4000, required=False)
    total_query = fields.Text(max_length=4000, required=False)
    value_query = fields.Text(max_length=4000, required=False)
    counter = fields.YesNo(required=False)
    op = fields.Choice(choices=Indicator.Op.choices, required=False)
    threshold = fields.Ratio(max_digits=30, required=False)
    step_minutes = fields.Choice(choices=SLICE_LENGTHS, required=False)
    check = CheckMade(required=False)


class CheckShown(Shown):
    class Meta:
        model = UptimeCheck
        fields = (
            "way", "url", "method", "expected_status", "must_contain", "host", "port", "most_ms", "authority",
            "timeout_seconds", "last_result", "last_elapsed_ms", "last_checked_at",
        )  # fmt: skip


class SilentQueryShown(serializers.Serializer[SilentQuery]):
    """A query that is answered and gives no series, and since when."""

    query = serializers.CharField(source="name")
    since = fields.Instant()


class IndicatorShown(Shown):
    """`owed_minutes` were asked for and came without figures or not at all (`unanswered_minutes`): asked again.

    `address_refused`: said when it was just saved, why nothing is asked of its address and how to allow it.
    """

    data_source = DataSourceField("slug", read_only=True)
    server_url = serializers.CharField(read_only=True)
    check = serializers.SerializerMethodField()
    silent_queries = serializers.SerializerMethodField()
    measurers = serializers.SerializerMethodField()
    address_refused = serializers.SerializerMethodField()

    class Meta:
        model = Indicator
        fields = (
            "slug", "name", "measure", "source", "data_source", "server_url", "good_query", "bad_query", "total_query",
            "value_query", "counter", "op", "threshold", "step_minutes", "check", "measurers", "last_pull_at",
            "last_error", "failing_since", "last_warning", "silent_queries", "owed_minutes", "unanswered_minutes",
            "bounded_minutes", "address_refused", "created_at", "version",
        )  # fmt: skip

    def get_address_refused(self, indicator: Indicator) -> str:
        return str(getattr(indicator, "address_refused", ""))

    @extend_schema_field(SilentQueryShown(many=True))
    def get_silent_queries(self, indicator: Indicator) -> Any:
        return SilentQueryShown(silent_queries(indicator), many=True).data  # type: ignore[arg-type]

    @extend_schema_field(CheckShown(allow_null=True))
    def get_check(self, indicator: Indicator) -> Any:
        """What Headroom looks at; null for what others measure."""
        if indicator.source != Indicator.Source.UPTIME:
            return None
        return CheckShown(indicator.check_made).data

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_measurers(self, indicator: Indicator) -> list[str]:
        """Who may send measurements; empty for what Headroom measures itself."""
        return sorted(one.account.username for one in indicator.measurers.all())
