"""What an objective measures: an indicator that is there, a new one, or several together."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from itsm.forms import Form
from itsm.slugs import slug_shape
from slo.engine.methods import SLICE_MINUTES
from slo.measuring.forms.parts import QUERY, slug_widget
from slo.measuring.models import DataSource, Indicator, UptimeCheck
from slo.measuring.vocabulary import QUERIES

EXISTING, COMPOSITE = "existing", "composite"
SOURCES = [
    (EXISTING, _("An indicator that is there already")),
    (Indicator.Source.PUSH.value, _("New: a program sends good and all events, or somebody uploads a CSV file")),
    (Indicator.Source.PROMETHEUS.value, _("New: pulled from Prometheus, or what speaks its API")),
    (Indicator.Source.UPTIME.value, _("New: Headroom itself looks at a web address or a port each minute")),
    (COMPOSITE, _("Several indicators, evaluated together")),
]
_CHECK = (
    "way",
    "url",
    "http_method",
    "expected_status",
    "must_contain",
    "host",
    "port",
    "most_ms",
    "authority",
    "timeout_seconds",
)


class MeasureForm(Form):
    """The half of an objective's form that says what is measured. Fields of other choices are passed over."""

    source = forms.ChoiceField(
        label=_("Where the measurements come from"), choices=SOURCES, widget=forms.RadioSelect, initial=EXISTING
    )  # fmt: skip
    indicator = forms.CharField(
        label=_("Indicator"), max_length=63, required=False, validators=[slug_shape], widget=slug_widget(True),
        help_text=_("Its slug: lower-case letters, digits and hyphens."),
    )  # fmt: skip
    measure = forms.ChoiceField(
        label=_("What arrives"), choices=[
            (Indicator.Kind.RATIO.value, _("Counts: good (or bad) events, and all events")),
            (Indicator.Kind.THRESHOLD.value, _("A value that is good on one side of a threshold")),
            (Indicator.Kind.RAW.value, _("A ready-made share of good events, between 0 and 1")),
        ], widget=forms.RadioSelect, initial=Indicator.Kind.RATIO.value, required=False,
    )  # fmt: skip
    step_minutes = forms.TypedChoiceField(
        label=_("Minutes between measurements"), choices=[(one, one) for one in SLICE_MINUTES], coerce=int,
        required=False, initial=1, empty_value=None,
    )  # fmt: skip
    op = forms.ChoiceField(
        label=_("A value is good when it is"), choices=[("", "\N{EN DASH}"), *Indicator.Op.choices], required=False
    )
    threshold = forms.DecimalField(label=_("Threshold"), max_digits=30, decimal_places=9, required=False)

    data_source = forms.ModelChoiceField(
        label=_("Data source"), queryset=DataSource.objects.none(), to_field_name="slug", required=False,
        empty_label=_("Another address"),
    )  # fmt: skip
    server_url = forms.CharField(
        label=_("Its address"), max_length=300, required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://prometheus.example.org"}),
        help_text=_("Without a sign-in; one with a sign-in is defined as a data source first."),
    )  # fmt: skip
    good_query = forms.CharField(
        label=_("Good events per minute (PromQL)"), max_length=4000, required=False, widget=forms.Textarea(attrs=QUERY)
    )
    bad_query = forms.CharField(
        label=_("Or bad events per minute (PromQL)"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs=QUERY),
    )
    total_query = forms.CharField(
        label=_("All events per minute (PromQL)"), max_length=4000, required=False, widget=forms.Textarea(attrs=QUERY)
    )
    value_query = forms.CharField(
        label=_("The value (PromQL)"), max_length=4000, required=False, widget=forms.Textarea(attrs=QUERY)
    )
    counter = forms.BooleanField(label=_("The queries give ever-growing counters"), required=False)

    way = forms.ChoiceField(
        label=_("Over"), choices=UptimeCheck.Way.choices, required=False, widget=forms.RadioSelect,
        initial=UptimeCheck.Way.HTTP.value,
    )  # fmt: skip
    url = forms.CharField(
        label=_("Web address"), max_length=300, required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://www.example.org/health"}),
    )  # fmt: skip
    http_method = forms.ChoiceField(label=_("Method"), choices=UptimeCheck.Method.choices, required=False)
    expected_status = forms.CharField(label=_("Good answers"), max_length=60, required=False, initial="200-299")
    must_contain = forms.CharField(label=_("The page must contain"), max_length=200, required=False)
    host = forms.CharField(label=_("Host"), max_length=253, required=False)
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, required=False)
    most_ms = forms.IntegerField(label=_("Slower is bad (ms)"), min_value=1, max_value=60_000, required=False)
    authority = forms.CharField(
        label=_("Private authority"), max_length=63, required=False, validators=[slug_shape],
        help_text=_("The name of its file in HEADROOM_SECRETS_DIR, without .ca."),
    )  # fmt: skip
    timeout_seconds = forms.IntegerField(
        label=_("Gives up after (s)"), min_value=1, max_value=30, required=False, initial=10
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("source") != COMPOSITE and not said.get("indicator") and "indicator" not in self.errors:
            self.add_error("indicator", ValidationError(gettext("Say which indicator, by its slug.")))
        if said.get("source") == EXISTING and said.get("indicator"):
            self._check_known(said["indicator"])
        return said

    def _check_known(self, slug: str) -> None:
        if not Indicator.objects.filter(slug=slug).exists():
            self.add_error("indicator", gettext("There is no indicator called %(slug)s.") % {"slug": slug})

    @property
    def is_composite(self) -> bool:
        return bool(self.cleaned_data.get("source") == COMPOSITE)

    def definition(self) -> dict[str, Any]:
        """The indicator as `operations.get_or_create_indicator` takes it: a slug alone where it is there already."""
        said, source = self.cleaned_data, self.cleaned_data["source"]
        if source == EXISTING:
            return {"slug": said["indicator"]}
        found: dict[str, Any] = {
            "slug": said["indicator"],
            "source": source,
            "measure": said["measure"] or Indicator.Kind.RATIO.value,
            "step_minutes": said["step_minutes"] or 1,
        }
        if source == Indicator.Source.UPTIME:
            return found | {"measure": Indicator.Kind.RATIO.value, "check": self._check()}
        if found["measure"] == Indicator.Kind.THRESHOLD:
            found |= {"op": said["op"], "threshold": said["threshold"]}
        return found | (self._pulled(found["measure"]) if source == Indicator.Source.PROMETHEUS else {})

    def _pulled(self, measure: str) -> dict[str, Any]:
        said = self.cleaned_data
        asked = {"value_query"} if measure != Indicator.Kind.RATIO else {*QUERIES} - {"value_query"}
        place = {"data_source": said["data_source"]} if said["data_source"] else {"server_url": said["server_url"]}
        return place | {name: said[name] for name in asked} | {"counter": said["counter"]}

    def _check(self) -> dict[str, Any]:
        said = self.cleaned_data
        timeout = said["timeout_seconds"] or 10
        if said["way"] == UptimeCheck.Way.TCP:
            return {"way": said["way"], "host": said["host"], "port": said["port"], "timeout_seconds": timeout}
        return {
            "way": UptimeCheck.Way.HTTP.value,
            "url": said["url"],
            "method": said["http_method"] or UptimeCheck.Method.GET.value,
            "expected_status": said["expected_status"] or "200-299",
            "must_contain": said["must_contain"],
            "most_ms": said["most_ms"],
            "authority": said["authority"],
            "timeout_seconds": timeout,
        }


CHECK_FIELDS = {name: "http_method" if name == "method" else name for name in ("method", *_CHECK)}
