"""What is told is said in the language of whoever reads it: the bell's words, the mail around them, the push."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy, trans_real

from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.accounts.operations import edit_profile
from itsm.deeds import Deed, begun
from itsm.kernel.actors import Door
from itsm.kernel.errors import InvalidInput
from itsm.notifications import outbox, rules
from itsm.notifications.rules import WHY, Rule
from itsm.notifications.sayings import Joined
from itsm.notifications.sayings import saying as _
from itsm.notifications.telling import tell

pytestmark = pytest.mark.django_db
DUTCH = {
    "%(thing)s moved: %(how)s": "%(thing)s is verplaatst: %(how)s",
    "slowly": "langzaam",
    "It moves": "Het beweegt",
    str(WHY["caller"]): "U krijgt dit omdat u het meldde.",
}


@pytest.fixture(autouse=True)
def dutch(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """A language of the test's own: the product speaks one so far."""
    settings.LANGUAGES = [("en", "English"), ("nl", "Nederlands")]
    monkeypatch.setattr(outbox.nudge, "_publish", lambda: None)
    monkeypatch.setattr(rules, "_rules", dict(rules._rules))
    rules.register(Rule("thing.moved", "It moves", "caller"))
    known: Any = trans_real.translation("nl")
    for text, said in DUTCH.items():
        monkeypatch.setitem(known._catalog._catalogs[0], text, said)


def a_person(name: str, language: str) -> User:
    return User.objects.create(username=name, email=f"{name}@example.com", language=language, roles=["agent"])


WORDS = _("%(thing)s moved: %(how)s")


def test_each_reader_has_their_own_words_of_one_event(mailoutbox: list[Any]) -> None:
    ada, bo = a_person("ada", "en"), a_person("bo", "nl")
    told = WORDS % {"thing": "INC-1", "how": gettext_lazy("slowly")}
    tell("thing.moved", {"caller": [ada.pk, bo.pk]}, told, by=None, body=Joined([told, "", told]))
    assert ada.notifications.get().subject == "INC-1 moved: slowly"
    assert bo.notifications.get().subject == "INC-1 is verplaatst: langzaam"
    assert bo.notifications.get().body == "INC-1 is verplaatst: langzaam\n\nINC-1 is verplaatst: langzaam"
    outbox.relay(timezone.now() + timedelta(seconds=1))
    said = {mail.to[0]: mail.body for mail in mailoutbox}
    assert "U krijgt dit omdat u het meldde." in said["bo@example.com"]
    assert str(WHY["caller"]) in said["ada@example.com"]


def test_a_language_that_the_desk_does_not_speak_is_the_desks(settings: Any) -> None:
    eve = a_person("eve", "xx")
    tell("thing.moved", {"caller": [eve.pk]}, WORDS % {"thing": "INC-1", "how": "slowly"}, by=None)
    assert eve.notifications.get().subject == "INC-1 moved: slowly"


def test_what_a_deed_tells_waits_for_its_end_in_no_language_yet(agent: User) -> None:
    bo = a_person("bo", "nl")
    with begun(Deed("user", agent.pk, None, 1)) as deed:
        tell("thing.moved", {"caller": [bo.pk]}, WORDS % {"thing": "INC-1", "how": "x"}, by=None, record=agent)
    assert not bo.notifications.exists()
    with translation.override("nl"):
        assert str(deed.messages[bo.pk].subject) == "INC-1 is verplaatst: x"


def test_one_says_which_language_one_reads(agent: User) -> None:
    actor = actor_for(agent, Door.WEB)
    assert edit_profile(agent, actor=actor, name="A", time_zone="UTC", language="nl").language == "nl"
    assert edit_profile(agent, actor=actor, name="A", time_zone="UTC").language == "nl", "what is not said stays"
    with pytest.raises(InvalidInput):
        edit_profile(agent, actor=actor, name="A", time_zone="UTC", language="xx")
