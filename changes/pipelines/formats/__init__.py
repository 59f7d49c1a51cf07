"""Ready pieces for platforms: each a file beside this one, in which the names of a service are filled in."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import gettext_lazy as _

_HERE = Path(__file__).parent
# name, file, what it is called, and whether it needs no secret
_ALL = (
    ("github", "github.yml", "GitHub Actions", True),
    ("gitlab", "gitlab.yml", "GitLab CI", True),
    ("jenkins", "jenkins.groovy", "Jenkins", False),
    ("argo", "argo.yml", "Argo Rollouts", False),
    ("curl", "curl.sh", _("Plain curl"), False),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """`keyless`: it signs in by its platform's own token (OIDC)."""

    name: str
    title: object
    keyless: bool
    text: str


def pieces(*, url: str, service: str, environment: str, change_class: str) -> list[Piece]:
    """The pieces of a service, by its slug. `url`: where the desk is, without a slash at the end; `change_class`: as
    which they ask, standard where an approved model takes its deployments: what is normal always waits for people who
    look at its plan."""
    words = {"@URL@": url, "@SERVICE@": service, "@ENVIRONMENT@": environment, "@CLASS@": change_class}
    return [Piece(name, title, keyless, _filled(_read(file), words)) for name, file, title, keyless in _ALL]


def _filled(text: str, words: dict[str, str]) -> str:
    for mark, word in words.items():
        text = text.replace(mark, word)
    return text


@cache
def _read(file: str) -> str:
    return (_HERE / file).read_text(encoding="utf-8")
