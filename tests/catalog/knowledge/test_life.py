"""An article's life: versions beside the live one, a second person, its last day, and what the database holds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from catalog.knowledge import operations, queries
from catalog.models import Article, ArticleVersion, ArticleWord
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.accounts.operations import add_user
from itsm.clocks import due
from itsm.erasure import operations as erasing
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import (
    Conflict,
    InvalidInput,
    MissingInformation,
    NotPermitted,
    StaleVersion,
    WrongState,
)
from itsm.notifications.models import Notification
from tests.factories.knowledge import a_draft, a_live_article, published, somebody

pytestmark = pytest.mark.django_db
AsActor = Callable[..., Actor]


def _edit(article: Article, actor: Actor, **said: Any) -> Article:
    now = Article.objects.get(pk=article.pk)
    return operations.edit_article(now, actor=actor, version=now.version, at=timezone.now(), **said)


def _versions(article: Article) -> list[tuple[int, str]]:
    return list(ArticleVersion.objects.filter(article=article).order_by("number").values_list("number", "state"))


def test_an_edit_of_what_is_live_is_a_draft_beside_it_and_publishing_makes_the_former_outdated() -> None:
    article = a_live_article(title="Old words", audience=["all"])
    writer = somebody("agent", "second writer")
    edited = _edit(article, writer, title="New words", body="Better.")
    assert (edited.status, edited.number, edited.live, edited.title) == ("draft", 2, 1, "Old words")
    assert queries.by_reference(somebody("requester"), article.reference).text.title == "Old words"
    published(edited)
    assert _versions(article) == [(1, "outdated"), (2, "published")]
    assert queries.by_reference(somebody("requester"), article.reference).text.title == "New words"


def test_who_wrote_in_a_version_does_not_publish_it_and_the_database_agrees() -> None:
    writer, other = somebody("agent", "writer"), somebody("owner", "other")
    article = a_draft(writer)
    _edit(article, other, symptoms="It blinks.")
    operations.propose(article, actor=writer)
    for actor in (writer, other):
        with pytest.raises(NotPermitted):
            operations.publish(article, actor=actor, at=timezone.now())
    version = ArticleVersion.objects.get(article=article)
    with pytest.raises(DatabaseError), transaction.atomic():
        ArticleVersion.objects.filter(pk=version.pk).update(
            state="published", published_by=other.id, published_at=timezone.now()
        )
    assert operations.publish(article, actor=somebody("agent", "third"), at=timezone.now()).live == 1


def test_a_program_publishes_nothing_not_even_what_others_wrote(person: Any, as_actor: AsActor) -> None:
    article = a_draft()
    operations.propose(article, actor=Actor.system("tests"))
    program = as_actor(person("owner", username="robot", account_type="service"))
    with pytest.raises(NotPermitted):
        operations.publish(article, actor=program, at=timezone.now())


def test_what_is_reviewed_stays_as_it_was_proposed() -> None:
    article = a_draft()
    operations.propose(article, actor=somebody())
    with pytest.raises(WrongState):
        _edit(article, somebody(), body="Something else.")
    with pytest.raises(DatabaseError), transaction.atomic():
        ArticleVersion.objects.filter(article=article).update(body="Behind everybody's back.")
    returned = operations.return_to_writers(article, actor=somebody(), because="Say which printer.")
    assert _edit(returned, somebody(), body="The one on floor 3.").newest.body == "The one on floor 3."


def test_an_empty_text_is_not_proposed_and_nothing_is_published_without_a_day_to_look_again() -> None:
    article = a_draft(body="")
    with pytest.raises(MissingInformation):
        operations.propose(article, actor=somebody())
    whole = a_draft()
    _edit(whole, somebody("agent", "writer"), review_on=None)
    operations.propose(whole, actor=somebody())
    with pytest.raises(MissingInformation, match="looked at again"):
        operations.publish(whole, actor=somebody("agent", "reviewer"), at=timezone.now())


def test_a_draft_that_is_not_wanted_leaves_the_live_version_and_the_next_has_a_number_of_its_own() -> None:
    article = a_live_article()
    _edit(article, somebody(), body="Not wanted.")
    kept = operations.discard(Article.objects.get(pk=article.pk), actor=somebody())
    assert (kept.status, kept.live, kept.number) == ("published", 1, 1)
    again = _edit(kept, somebody(), body="Wanted.")
    assert again.number == 3
    assert _versions(article) == [(1, "published"), (2, "discarded"), (3, "draft")]


def test_the_system_retires_what_was_valid_until_yesterday_and_a_moved_day_saves_it() -> None:
    today = timezone.localdate()
    over, saved = a_live_article(valid_to=today), a_live_article(valid_to=today)
    _edit(saved, somebody("manager"), valid_to=today + timedelta(days=30))
    due.sweep(timezone.now() + timedelta(days=2))
    over.refresh_from_db()
    saved.refresh_from_db()
    assert (over.status, over.live, saved.status) == ("retired", None, "published")
    assert not queries.visible_articles(somebody("requester")).filter(pk=over.pk).exists()


def test_the_owner_is_told_that_it_should_be_looked_at_again_and_once_a_month() -> None:
    owner = User.objects.create(username="keeper", roles=["agent"])
    article = a_live_article(owner=owner, review_on=timezone.localdate() + timedelta(days=1))
    told = Notification.objects.filter(to=owner, subject__contains=article.reference, subject__startswith="Is it still")
    due.sweep(timezone.now() + timedelta(days=3))
    due.sweep(timezone.now() + timedelta(days=3))
    assert told.count() == 1
    due.sweep(timezone.now() + timedelta(days=40))
    assert told.count() == 2
    operations.confirm(Article.objects.get(pk=article.pk), actor=somebody("manager"), at=timezone.now())
    due.sweep(timezone.now() + timedelta(days=80))
    assert told.count() == 2


def test_words_of_what_is_live_no_more_are_nobodys() -> None:
    article = a_live_article(title="Quuxification", audience=["all"])
    assert ArticleWord.objects.filter(word="quuxification", token="all").exists()
    operations.retire(Article.objects.get(pk=article.pk), actor=somebody("manager"))
    assert not ArticleWord.objects.filter(word="quuxification").exists()


def test_votes_are_one_of_a_person_changeable_and_not_of_the_writers() -> None:
    article = a_live_article(audience=["all"])
    caller = somebody("requester")
    for helped in (True, True, False):
        operations.vote(article, actor=caller, helped=helped, at=timezone.now())
    operations.vote(article, actor=somebody("engineer"), helped=True, at=timezone.now())
    article.refresh_from_db()
    assert (article.helpful, article.votes) == (1, 2)
    with pytest.raises(NotPermitted):
        operations.vote(article, actor=somebody("agent", "writer"), helped=True, at=timezone.now())
    bot = User.objects.create(username="bot", account_type="service", roles=["agent"], owner_id=caller.id)
    with pytest.raises(NotPermitted):
        operations.vote(article, actor=actor_for(bot, Door.API), helped=True, at=timezone.now())
    operations.retire(article, actor=somebody("manager"))
    with pytest.raises(WrongState):
        operations.vote(article, actor=caller, helped=True, at=timezone.now())


def test_a_stale_version_is_refused_and_nothing_is_lost() -> None:
    article = a_draft()
    _edit(article, somebody(), body="First.")
    with pytest.raises(StaleVersion):
        operations.edit_article(article, actor=somebody(), version=1, at=timezone.now(), body="Second.")
    assert Article.objects.get(pk=article.pk).newest.body == "First."


def test_articles_follow_their_team_into_a_merge_with_whom_they_are_for(as_actor: AsActor, admin: User) -> None:
    old, new = (Team.objects.create(slug=slug, name=slug) for slug in ("old-team", "new-team"))
    live = a_live_article(team=old, audience=[f"team:{old.pk}"], title="Sesquipedalian")
    draft = a_draft(audience=[f"team:{old.pk}"])
    operations.articles_follow(old, new, Actor.system("tests"))
    for article in (live, draft):
        article.refresh_from_db()
        assert article.audience == [f"team:{new.pk}"]
    assert live.team == new
    assert set(ArticleWord.objects.filter(word="sesquipedalian").values_list("token", flat=True)) == {f"team:{new.pk}"}


def test_an_owner_who_left_keeps_nothing_from_being_published_but_is_replaced_first() -> None:
    owner = User.objects.create(username="leaver", roles=["agent"])
    article = a_draft(owner=owner)
    operations.propose(article, actor=somebody())
    User.objects.filter(pk=owner.pk).update(is_active=False)
    with pytest.raises(Conflict):
        operations.publish(article, actor=somebody("agent", "reviewer"), at=timezone.now())
    operations.hand_over(owner, User.objects.get(username="writer"), Actor.system("tests"), timezone.now())
    assert operations.publish(article, actor=somebody("agent", "reviewer"), at=timezone.now()).live == 1


@pytest.mark.parametrize(
    "body", ["x" * 2_000_000, "\n".join("  " * depth + "- a" for depth in range(1000)), "[" * 9000]
)
def test_what_cannot_be_drawn_is_refused_in_words(body: str) -> None:
    with pytest.raises(InvalidInput):
        a_draft(body=body)
    assert not Article.objects.exists()


def test_nothing_is_made_from_what_is_not_there() -> None:
    with pytest.raises(InvalidInput):
        a_draft(origin="INC-99999")


def test_the_name_of_somebody_who_is_erased_leaves_texts_that_are_live_too(as_actor: AsActor, admin: User) -> None:
    leaver = User.objects.create(username="zora.quill", name="Zora Quill", roles=["agent"])
    article = a_live_article(body="Ask Zora Quill for the key.", audience=["all"])
    User.objects.filter(pk=leaver.pk).update(is_active=False)
    erasing.erase(leaver, actor=as_actor(admin))
    assert ArticleVersion.objects.get(article=article).body == f"Ask erased-{leaver.pk} for the key."
    with pytest.raises(DatabaseError), transaction.atomic():
        ArticleVersion.objects.filter(article=article).update(body="Something else.")


def test_an_account_that_its_writer_made_is_no_second_person() -> None:
    writer = User.objects.create(username="writer", roles=["agent", "admin"])
    User.objects.filter(pk=writer.pk).update(created_at=timezone.now() - timedelta(days=30))
    actor = actor_for(writer, Door.WEB)
    article = operations.propose(a_draft(actor), actor=actor)
    puppet = add_user(actor=actor, username="puppet", roles=["agent"])
    with pytest.raises(NotPermitted, match="Four eyes"):
        operations.publish(article, actor=actor_for(puppet, Door.WEB), at=timezone.now())
    assert operations.publish(article, actor=somebody("owner"), at=timezone.now()).live == 1
