from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "itsm.search"
    label = "search"

    def ready(self) -> None:
        from itsm.accounts import person_references
        from itsm.accounts.models import Team, User
        from itsm.lifecycle import record_changed
        from itsm.search import index, offers, people

        offers.follow_with(index.follow)
        offers.offers(User, people.person, is_thing=True, name=people.PERSON)
        offers.offers(Team, people.team, is_thing=True)
        person_references.register("search", "", count=lambda person: 0, follow=index.follow_person)
        record_changed.connect(index.follow_merge, sender=Team, dispatch_uid="search follows merged queues")
