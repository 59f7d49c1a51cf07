"""What reaches me: the page on which one says how news come, by kind of news and channel, and when none may."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_of
from itsm.notifications import wishes, wishing
from itsm.people.forms.wishes import RhythmForm, WishesForm
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write


@login_required
def what_reaches_me(request: HttpRequest) -> HttpResponse:
    """One form: wishes for kinds of news, exceptions below them, quiet hours. `?line=` opens the rule of a mail."""
    me: Any = request.user
    data = posted(request)
    kept = wishes.rhythm_of(me)
    form = WishesForm(
        data,
        standing=wishes.standing(me),
        of_classes=wishes.class_wishes(me),
        version=kept.version,
        line=request.GET.get("line", ""),
    )
    rhythm = RhythmForm(data, instance_of=kept)
    status = 200 if data is None else 422
    if data is not None and form.is_valid() and rhythm.is_valid():
        with form_errors_from(rhythm) as refused:
            version = form.cleaned_data["version"]
            wishing.keep(
                me, actor=actor_of(request), version=version, wished=form.wished(), **rhythm.cleaned_data
            )  # fmt: skip
            messages.success(request, _("Saved. It holds for all news from now on."))
            return redirect_after_write(request, reverse("accounts:wishes"))
        status = refused.status
        form.renew(wishes.rhythm_of(me).version)
    return render(
        request, "accounts/wishes.html", {"form": form, "rhythm": rhythm, "zone": me.time_zone}, status=status
    )
