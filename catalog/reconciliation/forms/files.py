"""Files of another tool, with what their format leaves open; of a table, what its columns become."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from catalog.cmdb.models import CIClass, RelationType
from catalog.formats.csv_rows import ENCODINGS
from catalog.formats.documents import File
from catalog.formats.limits import LARGEST_TABLE, MOST_COLUMNS
from catalog.formats.options import Column
from catalog.formats.vocabulary import KEYS
from catalog.reconciliation.vocabulary import Format
from itsm.forms import Form

FORMATS = [
    (one.value, one.label)
    for one in (Format.CSV, Format.NETBOX, Format.KUBERNETES, Format.BACKSTAGE, Format.ANSIBLE)
]  # fmt: skip
_DELIMITERS = [("", lazy("as found")), (";", ";"), (",", ","), ("\t", lazy("tab")), ("|", "|")]
_PLAIN = [
    ("", lazy("passed over")), ("key", lazy("key")), ("name", lazy("name")), ("class", lazy("class")),
    ("status", lazy("state")), ("environment", lazy("environment")), ("owner", lazy("owner team")),
    ("description", lazy("description")),
]  # fmt: skip
_IDENTIFIERS = ("fqdn", "serial", "vendor", "uuid", "asset_tag", "provider_id", "slug", "system")
UNITS = {"MiB": ("MB", "GB", "TB", "KB"), "GiB": ("GB", "TB", "MB"), "kW": ("kW", "W"), "U": ("U",)}


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in given or [None]]


class FilesForm(Form):
    """`said()`: what the files are read with. Columns of a table come beside the fields: see `columns()`."""

    format = forms.ChoiceField(label=lazy("Where it comes from"), choices=FORMATS)
    file = FilesField(
        label=lazy("Files"), max_length=200, help_text=lazy("Nothing is kept by looking; secrets are never read.")
    )
    source = forms.SlugField(
        label=lazy("Source"), max_length=63, required=False,
        help_text=lazy("Its key, where several of a kind say different things. Left out: that of the format."),
    )  # fmt: skip
    complete = forms.BooleanField(label=lazy("This is all that it has: what is missing is gone"), required=False)
    atomic = forms.BooleanField(label=lazy("All of it or nothing"), required=False)
    cluster = forms.CharField(label=lazy("Name of the cluster"), max_length=63, required=False)
    netbox_version = forms.RegexField(
        r"^[0-9]{1,3}\.[0-9]{1,3}$", label=lazy("Version of NetBox"), max_length=10, required=False,
        help_text=lazy("Such as 4.2. From 4.1 on disks count in MB; where nobody says which, they are left out."),
    )  # fmt: skip
    class_slug = forms.ChoiceField(
        label=lazy("Class of rows that name none"), required=False, choices=lambda: _classes()
    )
    delimiter = forms.ChoiceField(label=lazy("Separated by"), choices=_DELIMITERS, required=False)
    encoding = forms.ChoiceField(
        label=lazy("Code page"), choices=[("", lazy("as found")), *((one, one.upper()) for one in ENCODINGS)],
        required=False,
    )  # fmt: skip
    keep_columns = forms.BooleanField(label=lazy("Read the next table of this source so, too"), required=False)

    def clean_file(self) -> list[File]:
        given = self.cleaned_data["file"]
        if sum(one.size for one in given) > LARGEST_TABLE:
            raise forms.ValidationError(_("At most %(most)d MB at once.") % {"most": LARGEST_TABLE // 1_000_000})
        return [File(str(one.name)[:200], one.read()) for one in given]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("format") == Format.KUBERNETES and not said.get("cluster"):
            self.add_error("cluster", _("Of which cluster is it?"))
        return said

    def columns(self) -> list[Column]:
        """The columns of the table as the boxes beside it say; none where it was not looked at."""
        found = []
        for number in range(MOST_COLUMNS):
            if f"column-{number}" not in self.data:
                break
            header = self._box(f"column-{number}", 500)
            said = {what: self._box(f"{what}-{number}", 80) for what in ("becomes", "unit", "empty")}
            found.append(
                Column(header, said["becomes"], said["unit"], "clear" if said["empty"] == "clear" else "leave")
            )
        return found

    def _box(self, name: str, longest: int) -> str:
        return str(self.data.get(name, "")).replace("\0", "")[:longest]


def meanings() -> list[tuple[Any, list[tuple[str, Any]]]]:
    """What a column may become, in groups: (words, [(value, words)])."""
    types = RelationType.objects.filter(retired_at=None).order_by("slug")
    return [
        (_("What it is"), list(_PLAIN)),
        (_("Known by"), [(f"identifier:{one}", one.replace("_", " ")) for one in _IDENTIFIERS]),
        (_("Fields"), [(f"field:{key}", _labelled(key)) for key in sorted(KEYS)]),
        (_("Related to"), [(f"relation:{one.slug}", one.reading) for one in types]),
    ]


def _labelled(key: str) -> str:
    unit = KEYS[key].unit
    return key.replace("_", " ") + (f" ({unit})" if unit else "")


def _classes() -> list[tuple[str, Any]]:
    rows = CIClass.objects.filter(abstract=False, retired_at=None).order_by("name").values_list("slug", "name")
    return [("", _("each row names its own")), *rows]
