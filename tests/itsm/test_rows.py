"""Rows by SQL that is made once are the rows that Django itself would store and find."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import CharField, Expression
from django.db.models.expressions import Col

from changes.models import ChangeModel, PolicyVersion
from itsm import rows
from itsm.accounts import tokens
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Door
from itsm.search.models import Document
from tests.factories.slo import a_service
from tests.itsm.rivals import rivals

pytestmark = pytest.mark.django_db
T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def a_model(**said: Any) -> ChangeModel:
    fields = {
        "slug": "shop-deployment",
        "environments": ["production", "test"],
        "certified_at": T0,
        "status": "suspended",
    }
    return ChangeModel(service=a_service(), **fields | said)


def picture(record: Any) -> dict[str, Any]:
    return {field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields}


def test_what_is_inserted_is_what_django_reads() -> None:
    made = rows.insert(a_model())
    assert made.pk
    assert not made._state.adding
    assert picture(ChangeModel.objects.get(pk=made.pk)) == picture(made)


def test_what_django_stores_is_what_is_read() -> None:
    made = a_model()
    made.save()
    for _ in range(2):
        found = rows.first(ChangeModel, "slug = %s", ["shop-deployment"])
        assert found == made
        assert picture(found) == picture(made)
    assert rows.first(ChangeModel, "slug = %s", ["another"]) is None


def test_what_foreign_keys_lead_to_comes_along_as_django_joins_it(django_assert_num_queries: Any) -> None:
    made = a_model()
    made.service.team = Team.objects.create(slug="payments", name="Payments")
    made.service.save()
    made.save()
    with django_assert_num_queries(1):
        found = rows.joined(
            ChangeModel, ("service", "approved_by", "service__team"), "it.slug = %s", [made.slug],
            again="upper(it.slug)", many="1 + 1",
        )  # fmt: skip
        assert found is not None
        assert picture(found) == picture(made)
        assert picture(found.service) == picture(made.service)
        assert picture(found.service.team) == picture(made.service.team)
        assert found.approved_by is None
    assert (found.again, found.many) == (made.slug.upper(), 2)  # type: ignore[attr-defined]
    assert rows.joined(ChangeModel, ("service",), "it.slug = %s", ["another"]) is None


@pytest.mark.parametrize("prepared", [True, False])
def test_a_prepared_statement_reads_the_same(settings: Any, django_assert_num_queries: Any, prepared: bool) -> None:
    settings.PREPARED_STATEMENTS = prepared
    made = [a_model(slug=f"model-{n}") for n in range(2)]
    rows.insert_all(made)
    like, related = "it.slug LIKE %(slug)s ORDER BY it.slug DESC", ("service", "approved_by")
    with django_assert_num_queries(2):
        found = rows.every(ChangeModel, related, like, {"slug": "model-%"}, again="upper(it.slug)")
        one = rows.joined(ChangeModel, related, "it.slug = %(slug)s", {"slug": "model-1"})
        assert one is not None
        assert [picture(each) for each in (*found, one)] == [picture(each) for each in (*reversed(made), made[1])]
        assert [each.service for each in found] == [each.service for each in reversed(made)]
    assert [each.again for each in found] == ["MODEL-1", "MODEL-0"]  # type: ignore[attr-defined]
    assert rows.joined(ChangeModel, related, "it.slug = %(slug)s", {"slug": "another"}) is None


def test_several_are_stored_and_read_in_one_statement_each(django_assert_num_queries: Any) -> None:
    made = [a_model(slug=f"model-{n}") for n in range(3)]
    with django_assert_num_queries(1):
        rows.insert_all(made)
    with django_assert_num_queries(1):
        found = rows.every(ChangeModel, ("service",), "it.slug LIKE %s ORDER BY it.slug DESC", ["model-%"])
        assert [one.service for one in found] == [one.service for one in reversed(made)]
    assert [one.slug for one in found] == ["model-2", "model-1", "model-0"]
    assert [picture(one) for one in reversed(found)] == [picture(one) for one in made]
    assert not any(one._state.adding for one in made)
    rows.insert_all([])
    assert rows.every(ChangeModel, (), "it.slug = %s", ["another"]) == []


@pytest.mark.writes_behind("I14")  # a hash of nothing
def test_json_goes_in_and_comes_out_as_it_is() -> None:
    said = {"cells": [{"row": "normal", "limit": "0.5"}], "nothing": None}
    made = rows.insert(PolicyVersion(slug="test", number=7, hash="f" * 64, content=said, proposed_at=T0))
    found = rows.first(PolicyVersion, "hash = %s", ["f" * 64])
    assert found is not None
    assert found.content == said == PolicyVersion.objects.get(pk=made.pk).content


def test_an_update_stores_the_named_fields_alone() -> None:
    made = rows.insert(Team(slug="payments", name="Payments"))
    made.name, made.slug = "Paying", "paying"
    rows.update(made, ["name"])
    found = Team.objects.get(pk=made.pk)
    assert (found.name, found.slug) == ("Paying", "payments")


def test_an_update_of_a_row_that_is_gone_is_an_error() -> None:
    team = Team.objects.create(slug="payments", name="Payments")
    Team.objects.all().delete()
    with pytest.raises(Team.DoesNotExist):
        rows.update(team, ["name"])


def test_a_key_of_its_own_is_kept_and_never_taken_twice() -> None:
    made = rows.insert(Team(pk=777, slug="payments", name="Payments"))
    assert made.pk == 777
    with pytest.raises(IntegrityError):
        rows.insert(Team(pk=777, slug="orders", name="Orders"))


def test_a_conflict_renews_where_it_is_said_so() -> None:
    said = {"record_kind": "thing", "record_id": 1, "reference": "T-1", "path": "/", "audience": ["all"]}
    first = rows.insert(Document(**said, title="Old"))
    again = rows.insert(
        Document(**said, title="New"), "ON CONFLICT (record_kind, record_id) DO UPDATE SET title = EXCLUDED.title"
    )
    assert again.pk == first.pk
    assert Document.objects.get().title == "New"


def test_an_account_that_was_just_read_knows_its_teams(api: Any, engineer: User, payments: Team) -> None:
    """One statement brings token, owner and teams; a team that was left since counts no longer."""
    client = api(engineer)

    def teams() -> frozenset[int]:
        text = client._credentials["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
        token = tokens.holder(text, datetime.now(UTC))
        assert token is not None
        return actor_for(token.owner, Door.API).teams

    assert teams() == frozenset()
    engineer.memberships.create(team=payments)
    assert teams() == {payments.pk}
    engineer.memberships.all().delete()
    assert teams() == frozenset()


def test_columns_are_told_apart_as_django_does() -> None:
    """By its own rule, which looks at all that they were made of."""
    slow = Expression.identity.func  # type: ignore[attr-defined]
    fields = [User._meta.get_field("username"), User._meta.get_field("name"), Team._meta.get_field("name")]
    made = [Col(alias, field, field) for alias in ("a", "b", None) for field in fields]
    made += [Col("a", field, CharField()) for field in fields]
    again = [Col(one.alias, one.target, one.output_field) for one in made]
    for one in made:
        for other in again:
            alike = slow(one) == slow(other)
            assert (one == other) is alike, (one, other)
            assert not alike or hash(one) == hash(other)
    assert type(Col.__dict__["identity"]) is type(Expression.__dict__["identity"])  # so that it is ours that was asked


@pytest.mark.django_db(transaction=True)
def test_what_is_held_is_read_as_it_stands_once_it_is_held() -> None:
    """Who waited for somebody's lock gets what they left, and what that leads to, not what the statement began with."""
    made = a_model()
    made.service.team = Team.objects.create(slug="payments", name="Payments")
    made.service.save()
    service, moved = type(made.service), Team.objects.create(slug="logistics", name="Logistics")

    def held(still: str) -> Any:
        with transaction.atomic():
            found = rows.held(service, ("team",), made.service.pk, still=still)
            return None if found is None else (found._state.fields_cache["team"].slug, picture(found))

    with rivals() as begin:
        with transaction.atomic():
            mine: Any = rows.held(service, (), made.service.pk)
            either = [begin(lambda: held("true")), begin(lambda: held("slug <> 'renamed'"))]
            assert [one.waits() for one in either] == [True, True]
            mine.team, mine.slug = moved, "renamed"
            mine.save()
        assert either[0].result() == ("logistics", picture(service.objects.get()))
        assert either[1].result() is None
    with transaction.atomic():
        assert rows.held(service, ("team",), made.service.pk + 1) is None
    with pytest.raises(transaction.TransactionManagementError):
        rows.held(service, (), made.service.pk)
