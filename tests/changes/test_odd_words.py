"""What a button sends is one of the words that it may send: an unknown one is refused, and nothing is done."""

from collections.abc import Callable
from typing import Any

import pytest

from changes.change_models.operations import versioning
from changes.models import ChangeModel
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from tests.changes.back_tests.past import a_kinder_draft
from tests.factories.changes import a_measured_service, a_model, ask, change_of
from tests.factories.slo import T0

pytestmark = pytest.mark.django_db
Web = Callable[[User], Any]


@pytest.mark.parametrize("word", [None, "", "suspned", "certify"])
def test_no_model_is_stopped_and_no_version_approved_by_an_unknown_word(
    word: str | None, owner: User, owning: Actor, managing: Actor, web: Web
) -> None:
    model = a_model(a_measured_service(), owning)
    versioning.write_version(model, actor=managing, version=model.version, at=T0, risk="high")
    model.refresh_from_db()
    sent = {"version": model.version} | ({} if word is None else {"how": word})
    for where in ("stop/", "versions/2/"):
        answer = web(owner).post(f"{model.get_absolute_url()}{where}", sent)
        assert (answer.status_code, "Say one of: approve" in answer.content.decode()) == (400, True)
    kept = ChangeModel.objects.get()
    assert (kept.status, kept.number, kept.version) == ("approved", 1, model.version)


def test_who_decides_nothing_is_told_so_first(engineer: User, requester: User, owning: Actor, web: Web) -> None:
    model = a_model(a_measured_service(), owning)
    assert web(engineer).post(f"{model.get_absolute_url()}stop/", {"how": "odd"}).status_code == 403
    assert web(requester).post(f"{model.get_absolute_url()}versions/2/", {"how": "odd"}).status_code == 403


def test_a_shadow_goes_on_and_an_impact_stays(
    manager: User, managing: Actor, engineer: User, as_actor: Callable[[User], Actor], web: Web
) -> None:
    draft = a_kinder_draft(managing)
    where = f"/changes/policies/{draft.pk}/shadow/"
    assert web(manager).post(where, {"version": draft.version, "on": "yes"}).status_code == 302
    draft.refresh_from_db()
    assert web(manager).post(where, {"version": draft.version, "on": "perhaps"}).status_code == 400
    draft.refresh_from_db()
    assert draft.shadow_since is not None
    change = change_of(ask(a_measured_service(), as_actor(engineer)))
    sent = {"service": change.service.slug, "how": "odd"}
    assert web(engineer).post(f"{change.get_absolute_url()}impacted/by-hand/", sent).status_code == 400


def test_an_unknown_word_about_the_set_up_is_no_page(admin: User, web: Web) -> None:
    assert web(admin).post("/setup/card/odd/").status_code == 404
