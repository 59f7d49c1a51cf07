"""What every page shows is made once, and is never out of date."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import Field
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext_lazy

from incidents.incident import operations
from itsm.accounts.models import User
from itsm.approvals import counting, waiting
from itsm.approvals.models import ApprovalRequest
from itsm.kernel.actors import Actor
from itsm.ui import colours
from itsm.ui.templatetags import kept
from itsm.ui.templatetags.kept import address


def shown(text: str, **values: Any) -> str:
    return Template(text).render(Context(values))


class TestKept:
    def test_it_shows_nothing_but_what_it_is_kept_by(self) -> None:
        template = Template("{% kept a %}{{ a }}{{ secret }}{% endkept %}")
        assert template.render(Context({"a": "x", "secret": "hers"})) == "x"
        assert template.render(Context({"a": "y"})) == "y"

    def test_it_is_made_once_for_each_value_and_language(self, monkeypatch: pytest.MonkeyPatch) -> None:
        template = Template('{% kept n %}{{ n }} {% translate "yes,no,maybe" %}{% endkept %}')
        english = [template.render(Context({"n": n})) for n in (1, 2, 1)]
        with translation.override("de"):
            assert template.render(Context({"n": 1})) == "1 Ja,Nein,Vielleicht"
        assert english == ["1 yes,no,maybe", "2 yes,no,maybe", "1 yes,no,maybe"]
        node = template.nodelist[0]
        assert len(node.made) == 3  # type: ignore[attr-defined]

    def test_it_is_kept_by_values_within_values_also_out_of_a_lazy_wrapping(self) -> None:
        template = Template(
            "{% kept rows %}{% for name, parts in rows %}{{ name }}{{ parts.1 }} {% endfor %}{% endkept %}"
        )
        for _ in range(2):
            for rows, text in ((("a", (1, "x")), "ax "), (("a", (1, "y")), "ay ")):
                assert template.render(Context({"rows": (rows,)})) == text
                lazy = SimpleLazyObject(partial(tuple, [rows]))
                assert template.render(Context({"rows": lazy})) == text
        assert len(template.nodelist[0].made) == 2  # type: ignore[attr-defined]

    def test_it_keeps_no_more_than_so_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(kept, "MOST", 3)
        template = Template("{% kept n %}{{ n }}{% endkept %}")
        assert [template.render(Context({"n": n})) for n in range(8)] == [str(n) for n in range(8)]
        assert len(template.nodelist[0].made) <= 3  # type: ignore[attr-defined]

    @pytest.mark.parametrize("value", [mark_safe("<b>"), User(username="ada"), [1], (("deep", (mark_safe("<b>"),)),)])
    def test_only_plain_values_keep_it(self, value: Any) -> None:
        with pytest.raises(TypeError, match="plain values"):
            shown("{% kept a %}{{ a }}{% endkept %}", a=value)


class TestOptions:
    CHOICES = ((1, "Payments"), (11, '<b>"Shop"'), (3, "A name of many signs"))

    def drawn(self, chosen: Any, text: str = "{% options choices chosen %}", **values: Any) -> str:
        return shown(text, **{"choices": list(self.CHOICES), "chosen": chosen} | values)

    @pytest.mark.parametrize("chosen", [1, 11, 3, 4, None])
    def test_they_are_what_a_loop_draws(self, chosen: Any) -> None:
        loop = (
            '{% for value, label in choices %}<option value="{{ value }}"{% if value == chosen %} selected{% endif %}>'
            "{{ label|truncatechars:10 }}</option>{% endfor %}"
        )
        assert self.drawn(chosen, "{% options choices chosen 10 %}") == self.drawn(chosen, loop)

    def test_they_are_never_out_of_date(self) -> None:
        before = self.drawn(1)
        assert "Payments" in before
        assert "Billing" in self.drawn(1, choices=[(1, "Billing")])
        assert self.drawn(1) == before

    def test_labels_are_whole_where_none_is_cut(self) -> None:
        assert "A name of many signs" in self.drawn(None)


class TestAddresses:
    def test_they_are_those_that_django_gives(self) -> None:
        for _ in range(2):
            assert shown('{% url "catalog:detail" slug %}', slug="shop") == reverse("catalog:detail", args=["shop"])
            assert shown('{% url "catalog:detail" slug=slug %}', slug="shop") == "/services/shop/"
        assert address("changes:reach", ("CHG-1", 7)) == reverse("changes:reach", args=["CHG-1", 7])
        assert shown('{% url "catalog:detail" slug as there %}[{{ there }}]', slug="shop") == "[/services/shop/]"

    def test_one_that_does_not_exist_is_never_taken_for_another(self) -> None:
        assert shown('{% url "no:where" as there %}[{{ there }}]') == "[]"
        with pytest.raises(NoReverseMatch):
            shown('{% url "changes:reach" "CHG-1" yes %}', yes=True)
        with pytest.raises(NoReverseMatch):
            shown('{% url "no:where" %}')


class TestWords:
    def test_one_that_stands_in_the_template_is_looked_up_in_each_readers_language(self) -> None:
        template = Template('{% translate "yes,no,maybe" %}{% translate "yes,no,maybe" as it %}[{{ it }}]')
        said = []
        for language in ("en", "de", "en", "de"):
            with translation.override(language):
                said.append(template.render(Context()))
        english, german = "yes,no,maybe[yes,no,maybe]", "Ja,Nein,Vielleicht[Ja,Nein,Vielleicht]"
        assert said == [english, german, english, german]

    def test_one_that_a_variable_says_is_never_kept(self) -> None:
        template = Template("{% translate word %}{% translate word|upper %}{% translate 'it' context word %}")
        assert [template.render(Context({"word": word})) for word in ("<a>", "b")] == ["&lt;a&gt;&lt;A&gt;it", "bBit"]


def test_a_choice_is_said_in_each_readers_language() -> None:
    field: Field[str, str] = Field(choices=[("maybe", gettext_lazy("yes,no,maybe"))])
    spoken = []
    for language in ("en", "de", "en"):
        with translation.override(language):
            spoken.append(colours._words(field, get_language())["maybe"])
    assert spoken == ["yes,no,maybe", "Ja,Nein,Vielleicht", "yes,no,maybe"]


def test_a_choice_in_words_is_what_the_model_says(agent: User, as_actor: Any) -> None:
    incident = operations.open_incident(actor=as_actor(agent), title="Slow")
    for name in ("status", "priority", "channel"):
        assert colours.in_words(incident, name) == getattr(incident, f"get_{name}_display")()
    incident.status = "unheard of"
    assert colours.in_words(incident, "status") == "unheard of"


def test_the_navigation_counts_anew_on_every_page(agent: User, as_actor: Any, web: Callable[[User], Client]) -> None:
    browser = web(agent)

    def counted() -> bool:
        return '<span class="count">1</span>' in browser.get(reverse("home:keys")).content.decode()

    assert not counted()
    incident = operations.open_incident(actor=as_actor(agent), title="Slow")
    operations.edit(incident, actor=as_actor(agent), version=incident.version, assigned_to=agent)
    assert counted()
    operations.resolve(incident, actor=as_actor(agent), resolution="Restarted.", resolution_code="solved")
    assert not counted()


class TestWhatWaits:
    @pytest.fixture
    def asked(self, admin: User) -> None:
        for number, kind in enumerate(["change", "policy", "policy", "change"]):
            ApprovalRequest.objects.create(
                record_kind=kind, record_id=number + 1, role="approver", asked_at=timezone.now()
            )

    @pytest.mark.usefixtures("asked")
    def test_all_counts_of_a_request_are_one_statement(self, admin: User, as_actor: Any) -> None:
        actor = replace(as_actor(admin), memo={})
        with CaptureQueriesContext(connection) as asked:
            found = [counting.waiting_count(actor, kind) for kind in ("", "change", "policy", "incident")]
        assert (found, len(asked)) == ([4, 2, 2, 0], 1)

    @pytest.mark.usefixtures("asked")
    def test_a_kind_is_counted_rightly_where_more_wait_than_are_looked_at(
        self, admin: User, as_actor: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(counting, "_MOST_WAITING", 3)
        actor = replace(as_actor(admin), memo={})
        assert [counting.waiting_count(actor, kind) for kind in ("", "change", "policy")] == [3, 2, 2]

    @pytest.mark.usefixtures("asked")
    def test_so_it_is_while_somebody_looks_as_another_without_what_is_not_shown(
        self, admin: User, as_actor: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def tell(asks: Sequence[ApprovalRequest], actor: Actor) -> dict[int, waiting.Told]:
            return {ask.pk: waiting.Told("", "", "") for ask in asks if ask.record_id != 2}  # a policy they cannot read

        monkeypatch.setattr(waiting, "_kinds", {one: waiting.Kind("", tell=tell) for one in ("change", "policy")})
        monkeypatch.setattr(counting, "_MOST_WAITING", 3)
        actor = replace(as_actor(admin), looks_only=True, memo={})
        found = [counting.waiting_count(actor, kind) for kind in ("", "change", "policy", "incident")]
        assert found == [2, 2, 1, 0]  # of the first three one is not shown, and the second change is the fourth

    @pytest.mark.usefixtures("asked")
    def test_nothing_is_remembered_beyond_a_request(self, admin: User, as_actor: Any) -> None:
        assert counting.waiting_count(as_actor(admin)) == 4
        ApprovalRequest.objects.all().delete()
        assert counting.waiting_count(as_actor(admin)) == 0
