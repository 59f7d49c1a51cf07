"""Answering a page by the link that was sent: whoever holds it needs no account. Looking changes nothing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from itsm.kernel.actors import Door
from itsm.kernel.errors import DomainError
from itsm.notifications.sayings import speaking_to
from itsm.paging.operations import acknowledge_page, links
from itsm.paging.operations.escalating import actor_of_person
from itsm.paging.vocabulary import How


def answer(request: HttpRequest, token: str) -> HttpResponse:
    """One button, large enough for a thumb at night; pressed, it says who holds it."""
    page = links.page_of(token)
    if page is None:
        return render(request, "paging/void.html", status=404)
    refused = None
    with speaking_to(page.person):
        if request.method == "POST":
            actor = actor_of_person(page.person, Door.WEB)
            try:
                acknowledge_page(page, actor=actor, at=timezone.now(), how=How.LINK)
                return redirect("paging:answer", token=token)
            except DomainError as error:
                refused = error
                page = links.page_of(token) or page
        context = {"page": page, "token": token, "refused": refused, "title": links.title_of(page)}
        return render(request, "paging/answer.html", context, status=refused.status if refused else 200)
