"""Importing OpenSLO in the browser: paste or choose a file, look at what would change, then apply exactly that."""

from collections import Counter
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from itsm.accounts.actors import actor_permitted
from itsm.accounts.models import Team
from itsm.api.middleware import takes_files
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.slugs import slug_shape
from itsm.ui.htmx import posted, redirect_after_write
from slo.measuring.models import DataSource
from slo.measuring.queries import sources
from slo.objectives import permissions
from slo.openslo import operations
from slo.openslo.operations.applying import MAX_IN_A_REQUEST, USUAL_SET
from slo.openslo.operations.outcome import Outcome

_LARGEST_BYTES = 1_000_000  # below what a form may send; the API takes more
_TEXT = {"rows": 18, "class": "mono", "spellcheck": "false", "placeholder": "apiVersion: openslo/v1"}

# Teaches the format, and is one click away from being tried.
EXAMPLE = """\
apiVersion: openslo/v1
kind: SLO
metadata:
  name: checkout-availability
  displayName: Checkout answers without an error
spec:
  service: checkout
  timeWindow:
    - duration: 28d
      isRolling: true
  budgetingMethod: Occurrences
  indicator:
    metadata:
      name: checkout-requests
    spec:
      ratioMetric:
        counter: false
        good:
          metricSource:
            type: Prometheus
            spec:
              query: sum(increase(http_requests_total{job="checkout", code!~"5.."}[1m]))
        total:
          metricSource:
            type: Prometheus
            spec:
              query: sum(increase(http_requests_total{job="checkout"}[1m]))
  objectives:
    - target: 0.999
"""


class OpenSloForm(Form):
    text = forms.CharField(
        label=gettext_lazy("Documents (YAML or JSON)"), required=False, strip=False, max_length=_LARGEST_BYTES,
        widget=forms.Textarea(attrs=_TEXT),
    )  # fmt: skip
    file = forms.FileField(label=gettext_lazy("Or a file"), required=False)
    mode = forms.ChoiceField(
        label=gettext_lazy("Where the official tools are stricter than the text"),
        choices=(("strict", gettext_lazy("refuse, as they do")), ("lenient", gettext_lazy("warn, and go on"))),
        initial="strict", widget=forms.RadioSelect,
    )  # fmt: skip
    set_name = forms.CharField(
        label=gettext_lazy("Set"), max_length=63, initial=USUAL_SET, validators=[slug_shape],
        help_text=gettext_lazy("Who declares these objectives: a repository or a folder, by one name."),
    )  # fmt: skip
    source = forms.ModelChoiceField(
        label=gettext_lazy("Data source"), queryset=DataSource.objects.none(), to_field_name="slug", required=False,
        empty_label=gettext_lazy("the one that the documents name"),
        help_text=gettext_lazy("Whom to ask where they name none, as the files of Sloth and Pyrra do."),
    )  # fmt: skip
    create_services = forms.BooleanField(label=gettext_lazy("Make the services that the catalog lacks"), required=False)
    team = forms.ModelChoiceField(
        label=gettext_lazy("Owned by"), queryset=Team.objects.none(), to_field_name="slug", required=False,
        empty_label=gettext_lazy("whom a label “owner” or “team” names, or my team"),
        help_text=gettext_lazy("People decide about the changes of a service that nobody owns."),
    )  # fmt: skip
    prune = forms.BooleanField(
        label=gettext_lazy("Retire what this set declared before and does not declare here"), required=False
    )
    adopt = forms.BooleanField(label=gettext_lazy("Take over objectives that are kept by hand"), required=False)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = sources(actor)  # type: ignore[attr-defined]
        self.fields["team"].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Exactly one of text and file; `text` is what is to be read."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        file = said.get("file")
        if bool(file) == bool((said.get("text") or "").strip()):
            raise forms.ValidationError(_("Paste documents, or choose a file."))
        if file:
            said["text"] = _decoded(file)
        said["text"] = said["text"].replace("\r\n", "\n")
        return said


def _decoded(file: Any) -> str:
    if file.size > _LARGEST_BYTES:
        raise forms.ValidationError({"file": _("This page takes files of up to one megabyte; the API takes two.")})
    try:
        text: str = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise forms.ValidationError({"file": _("This is no text in UTF-8.")}) from error
    return text


@takes_files
@login_required
def apply(request: HttpRequest) -> HttpResponse:
    actor = actor_permitted(
        request, permissions.authors, _("%(actor_name)s may not set objectives; engineers and owners may.")
    )
    form = OpenSloForm(actor, posted(request), request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        status = 200 if request.method == "GET" else 422
        return render(request, "slo/openslo/openslo.html", {"form": form, "example": EXAMPLE}, status=status)
    said = form.cleaned_data
    outcome = _declared(said, actor, dry_run=request.POST.get("step") != "apply")
    if outcome.written:
        messages.success(request, _counted(outcome))
        return redirect_after_write(request, reverse("slo:list"))
    context = {
        "form": OpenSloForm(actor, initial=said),
        "said": said,
        "outcome": outcome,
        "changes": [one for one in outcome.changes if one.action != "unchanged"],
        "queries": ("good", "bad", "total", "value"),
        "unchanged": len(outcome.slugs("unchanged")),
    }
    return render(request, "slo/openslo/openslo.html", context, status=422 if outcome.errors else 200)


def _declared(said: dict[str, Any], actor: Actor, *, dry_run: bool) -> Outcome:
    name = said["file"].name if said["file"] else _("text")
    return operations.apply(
        {name: said["text"]}, actor=actor, at=timezone.now(), mode=said["mode"], set_name=said["set_name"],
        prune=said["prune"], adopt=said["adopt"], dry_run=dry_run, most=MAX_IN_A_REQUEST,
        source=said["source"].slug if said["source"] else "", team=said["team"].slug if said["team"] else "",
        create_services=said["create_services"],
    )  # fmt: skip


def _counted(outcome: Outcome) -> str:
    counts = Counter(one.action for one in outcome.changes if one.kind == "objective")
    said = _(
        "Applied: %(created)d objectives set, %(updated)d changed, %(pruned)d retired, %(unchanged)d as they were."
    ) % {name: counts[name] for name in ("created", "updated", "pruned", "unchanged")}
    if not counts["waits"]:
        return said
    return f"{said} " + _("%(count)d wait for a second person.") % {"count": counts["waits"]}
