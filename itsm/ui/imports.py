"""Tables that are brought in: one form, and one shape for what they would do, whatever their lines are about."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.forms import Form

MAX_BYTES = 1_000_000


class TableForm(Form):
    """A CSV file, or the same as text; after the preview the text travels in the form."""

    file = forms.FileField(
        label=_("A CSV file"), required=False, allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}),
    )  # fmt: skip
    table = forms.CharField(
        label=_("Or the table itself"), required=False, strip=False, max_length=MAX_BYTES,
        widget=forms.Textarea(attrs={"rows": 10, "class": "mono", "spellcheck": "false"}),
    )  # fmt: skip
    create_teams = forms.BooleanField(label=_("Make the teams that are not there yet"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("file", "table"):  # one of both is needed
            self.fields[name].unmarked = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        upload = said.get("file")
        if upload is not None:
            try:
                said["table"] = upload.read(MAX_BYTES + 1).decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", _("The file is not UTF-8 text; save it as “CSV UTF-8”."))
        elif not said.get("table", "").strip():
            self.add_error("file", _("Choose a file, or paste its text."))
        return said


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What becomes of one line. `action`: create, update, waits, unchanged, error. `details`: (what, before, after)."""

    line: int
    name: str
    key: str
    action: str
    problems: Sequence[str] = ()
    details: Sequence[tuple[Any, str, str]] = ()
    link: str = ""


@dataclass(frozen=True, slots=True)
class PlanShown:
    """For components/plan.html. `numbers`: action -> how many lines; `is_kept`: it has happened."""

    lines: list[PlanLine]
    numbers: dict[str, int]
    problems: Sequence[str] = ()
    new_teams: Sequence[str] = ()
    is_kept: bool = False
    hidden: dict[str, str] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Nothing is wrong with the table or any of its lines."""
        return not self.problems and "error" not in self.numbers

    @property
    def in_order(self) -> list[PlanLine]:
        """What has to be mended stands first."""
        return sorted(self.lines, key=lambda one: (one.action != "error", one.line))
