"""Files in any of the formats, to what they say. Nothing is raised for what a file contains."""

from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext

from catalog.formats.ansible import read_ansible
from catalog.formats.backstage import read_backstage
from catalog.formats.csv_table import read_csv
from catalog.formats.documents import File, Read
from catalog.formats.drafting import Gathered
from catalog.formats.kubernetes import read_kubernetes
from catalog.formats.limits import MOST_FILES
from catalog.formats.netbox import read_netbox
from catalog.formats.options import FORMATS, Options
from catalog.formats.yaml import Broken

Reader = Callable[[Sequence[File], Options, Gathered], None]
_READERS: Mapping[str, Reader] = {
    "backstage": read_backstage, "csv": read_csv, "netbox": read_netbox, "kubernetes": read_kubernetes,
    "ansible": read_ansible,
}  # fmt: skip


def read(format_: str, files: Sequence[File], options: Options = Options()) -> Read:  # noqa: B008 - it is frozen
    """What the files say, in one of FORMATS.

    `broken`, and no document, where a file cannot be read to its end or a needed option is missing: nothing of it may
    be applied. Raises LookupError for a format that is none of FORMATS, nothing else.
    """
    if format_ not in FORMATS:
        raise LookupError(format_)
    gathered = Gathered()
    try:
        if len(files) > MOST_FILES:
            raise Broken(files[0].name, gettext("More than %d files at once.") % MOST_FILES)
        _READERS[format_](files, options, gathered)
    except Broken as broken:
        gathered.broken = True
        gathered.refuse(broken.file, broken.sentence)
    return gathered.read()
