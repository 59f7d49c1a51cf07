"""A change manager edits the policy in its grid, sees by a back-test what it would have done, another approves it."""

import re
from html import unescape

import pytest
from django.utils import timezone

from changes.back_tests import operations
from changes.models import BackTest, GatePolicy
from changes.policies import operations as policies
from changes.policies import queries
from tests.api.world import browser
from tests.changes.back_tests.past import a_kinder_draft, kinder, ten_changes

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(manager):
    return browser(manager)


def read(answer):
    return unescape(answer.content.decode())


def sent(draft, **cells):
    """The grid as a browser sends it, with other answers in some cells (by row_column as row__column)."""
    body = {
        f"cell-{row}.{column}": cell["outcome"]
        for row, columns in draft.content["table"].items()
        for column, cell in columns.items()
    }
    other = {f"cell-{name.replace('__', '.')}": value for name, value in cells.items()}
    assert other.keys() <= body.keys()
    return body | other | {"version": draft.version}


def test_an_edited_grid_comes_to_rule(page, admin, managing, asker, approving):
    ten_changes(asker, approving, at=timezone.now())
    page.post("/changes/policies/", {"title": "Trust healthy budgets", "content": ""})
    draft = GatePolicy.objects.get(title="Trust healthy budgets")
    where = draft.get_absolute_url()
    kept = page.post(where, sent(draft, normal_low__watch="approved"))
    assert kept.status_code == 302, read(kept)
    draft.refresh_from_db()
    assert draft.content["table"]["normal_low"]["watch"]["outcome"] == "approved"
    shown = read(page.get(where))
    assert shown.count("is-other") == 1
    assert "rules now:" in shown
    today = timezone.now().date().isoformat()
    page.post(f"{where}back-test/", {"first": today, "last": today})
    operations.go_on()
    tested = read(page.get(f"{where}back-test/"))
    for count in ("2</strong> smooth", "1</strong> escaped", "5</strong> friction", "1</strong> stopped"):
        assert f"<strong>{count}" in tested
    one = BackTest.objects.get().differences.first()
    sides = read(page.get(f"{where}back-test/{one.pk}/"))
    assert "Said then" in sides
    assert "This policy" in sides
    page.post(f"/changes/policies/{draft.reference}/steps/propose/")
    assert page.post(f"/changes/policies/{draft.reference}/steps/approve/", {"comment": ""}).status_code == 403
    second = browser(admin)
    assert second.post(f"/changes/policies/{draft.reference}/steps/approve/", {"comment": "Read"}).status_code == 302
    assert page.post(f"/changes/policies/{draft.reference}/steps/activate/").status_code == 302
    draft.refresh_from_db()
    assert queries.ruling() == draft.frozen


@pytest.mark.parametrize(
    ("first", "last"),
    [("9999-12-31", "9999-12-31"), ("0001-01-01", "2026-01-01"), ("2026-02-01", "2026-01-01"), ("", "x")],
)
def test_an_odd_period_is_refused_on_the_form(first, last, page, managing):
    draft = a_kinder_draft(managing)
    answer = page.post(f"{draft.get_absolute_url()}back-test/", {"first": first, "last": last})
    assert answer.status_code in {400, 422}
    assert not BackTest.objects.exists()


def test_a_hole_is_shown_and_nothing_is_kept(page, managing):
    draft = a_kinder_draft(managing)
    answer = page.post(draft.get_absolute_url(), sent(draft, standard__no_data="", standard__watch="peer"))
    assert answer.status_code == 400
    said = read(answer)
    assert said.count("is-hole") == 1
    assert "undefined" in said
    assert '<option value="peer" selected>' in said.partition('name="cell-standard.watch"')[2].partition("</select>")[0]
    before = draft.content
    draft.refresh_from_db()
    assert draft.content == before


def test_a_lapsed_review_is_said_loudly(page, managing):
    draft = a_kinder_draft(managing)
    assert "review date is over" not in read(page.get(draft.get_absolute_url()))
    policies.edit_draft(draft, actor=managing, version=1, content={**kinder(), "review_on": "2020-01-01"})
    assert "review date is over" in read(page.get(draft.get_absolute_url()))


def test_somebody_was_faster(page, managing):
    draft = a_kinder_draft(managing)
    policies.edit_draft(draft, actor=managing, version=draft.version, title="Meanwhile")
    answer = page.post(draft.get_absolute_url(), sent(draft, standard__watch="peer"))
    assert answer.status_code == 412


def test_a_cell_is_told_in_detail(page, managing):
    draft = a_kinder_draft(managing)
    where = f"{draft.get_absolute_url()}cells/normal_low.healthy/"
    told = {"outcome": "approved", "needs": ["peer_review", "tests"], "otherwise": "peer", "conditions": ["progressive"],
            "decider": "", "version": draft.version}  # fmt: skip
    assert page.post(where, told).status_code == 302
    draft.refresh_from_db()
    assert draft.content["table"]["normal_low"]["healthy"] == {
        "outcome": "approved", "needs": ["peer_review", "tests"], "otherwise": "peer", "conditions": ["progressive"],
        "decider": None,
    }  # fmt: skip
    wrong = page.post(where, told | {"otherwise": "approved", "version": draft.version})
    assert wrong.status_code == 400
    assert "stricter" in read(wrong)
    assert page.get(f"{draft.get_absolute_url()}cells/normal_low.sunny/").status_code == 404


def test_the_whole_is_written_as_a_file(page, managing):
    draft = a_kinder_draft(managing)
    where = f"{draft.get_absolute_url()}text/"
    file = page.get(f"{where}?as=file")
    assert file["Content-Type"].startswith("application/yaml")
    text = file.content.decode()
    wrong = page.post(
        where, {"title": "X", "content": text.replace("no_data:", "no_dat:", 1), "version": draft.version}
    )
    assert wrong.status_code == 400
    assert "line " in read(wrong)
    right = page.post(
        where,
        {
            "title": "X",
            "content": text.replace("healthy_above: '0.50'", "healthy_above: 0.6"),
            "version": draft.version,
        },
    )
    assert right.status_code == 302, read(right)
    assert "limits.healthy_above" in read(page.get(draft.get_absolute_url()))


def test_a_shadow_is_begun_and_ended_on_its_page(page, managing):
    draft = a_kinder_draft(managing)
    where = f"{draft.get_absolute_url()}shadow/"
    page.post(where, {"on": "yes", "version": draft.version})
    draft.refresh_from_db()
    assert draft.shadow_since is not None
    assert "in shadow" in read(page.get("/changes/policies/"))
    assert "is-other" in read(page.get(draft.get_absolute_url()))
    assert "<select" not in read(page.get(draft.get_absolute_url()))  # it is judged as it stands
    page.post(where, {"on": "no", "version": draft.version})
    draft.refresh_from_db()
    assert draft.shadow_since is None


def test_a_marked_cell_says_what_rules_also_where_only_what_it_asks_for_differs(page, managing):
    draft = a_kinder_draft(managing)
    shown = read(page.get(draft.get_absolute_url()))
    (marked,) = re.findall(r'<td class="is-other">.*?</td>', shown, re.S)
    assert marked.partition("rules now:")[2].count("only if") == 1


def test_who_only_reads_sees_the_grid_and_no_box(auditor, managing):
    draft = a_kinder_draft(managing)
    shown = read(browser(auditor).get(draft.get_absolute_url()))
    assert "policy-grid" in shown
    assert "<select" not in shown
    assert browser(auditor).post(draft.get_absolute_url(), {}).status_code == 403


def test_who_approves_before_an_authority_is_written_in_a_form(page, managing):
    draft = a_kinder_draft(managing)
    where = f"{draft.get_absolute_url()}authorities/cab/"
    form = page.get(where).context["form"]
    told = {name: form.initial[name] for name in ("role", "quorum", "due_minutes", "substitute")}
    told |= {"step_0_0_who": "team_lead", "step_1_rule": "any", "step_1_0_who": "role", "step_1_0_value": "owner",
             "step_1_0_quorum": "50 %", "step_1_1_who": "manager", "version": draft.version}  # fmt: skip
    assert page.post(where, told).status_code == 302
    draft.refresh_from_db()
    steps = draft.content["authorities"]["cab"]["before"]
    assert [[part["who"] for part in step["parts"]] for step in steps] == [["team_lead"], ["role", "manager"]]
    said = read(page.get(draft.get_absolute_url()))
    assert "a team lead → the role owner (50% of them) or the manager of who asks" in said
    assert page.get(where).context["form"].initial["step_1_0_quorum"] == "50%"
    wrong = page.post(where, told | {"step_0_0_who": "person", "version": draft.version})
    assert wrong.status_code == 400
    assert "name the person" in read(wrong)
    assert page.get(f"{draft.get_absolute_url()}authorities/nobody/").status_code == 404
    none = {name: "" for name in told if name.startswith("step_")}
    assert page.post(where, told | none | {"version": draft.version}).status_code == 302
    draft.refresh_from_db()
    assert "before" not in draft.content["authorities"]["cab"]
