"""The editor with its preview, whose an article is, and its pictures."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from catalog.knowledge import operations, permissions, queries
from catalog.knowledge.forms import EditArticleForm, EditTermsForm, NewArticleForm, as_typed, terms_as_typed
from catalog.knowledge.models import Article
from catalog.knowledge.queries.origins import begun_from
from catalog.services.queries import visible_services
from itsm import markdown
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.files.receiving import ONE_FILE, takes_attachments
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write


def _writer(request: HttpRequest) -> Actor:
    return actor_permitted(
        request,
        permissions.writers,
        gettext("Articles are written by agents, engineers, service owners and change managers."),
    )


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """A draft; `?from=INC-42` begins it with what that record says."""
    actor = _writer(request)
    form = NewArticleForm(visible_services(actor), posted(request), initial=_begun(request, actor))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.create_article(actor=actor, at=timezone.now(), **form.cleaned_data)
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    return render(request, "catalog/knowledge/edit.html", {"form": form, "terms": _TERMS}, status=status)


_TERMS = ("owner", "team", "service", "review_on", "valid_to")


def _begun(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    text = request.GET.get("from", "")
    if request.method != "GET" or not text:
        return {}
    record, given = begun_from(actor, text[:20])
    begun = {"title": given.title, "symptoms": given.symptoms, "body": given.body, "service": given.service}
    return {**begun, "audience": given.audience or ["staff"], "origin": record.reference}


@login_required
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Its text: of a live article in a draft beside it."""
    actor = _writer(request)
    found = queries.by_reference(actor, reference)
    newest = queries.version_for(found, actor, found.number) or found.text
    form = EditArticleForm(posted(request), initial=as_typed(found, newest))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            edited = operations.edit_article(found, actor=actor, at=timezone.now(), **form.cleaned_data)
            if edited.has_draft_beside:
                messages.success(request, gettext("The draft is kept; readers get the live version."))
            return redirect_after_write(request, _newest_of(edited))
        status = refused.status
    context = {"article": found, "newest": newest, "form": form, "pictures": queries.pictures_of(found).values()}
    return render(request, "catalog/knowledge/edit.html", context, status=status)


def _newest_of(article: Article) -> str:
    own = f"versions/{article.number}/" if article.has_draft_beside else ""
    return f"{article.get_absolute_url()}{own}"


@login_required
def terms(request: HttpRequest, reference: str) -> HttpResponse:
    """Whose it is, and how long it holds."""
    actor = actor_of(request)
    found = queries.by_reference(actor, reference)
    if not permissions.keepers(actor, found):
        raise NotPermitted(gettext("Its owner, its team, service owners and change managers say whose an article is."))
    form = EditTermsForm(visible_services(actor), posted(request), initial=terms_as_typed(found))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit_article(found, actor=actor, at=timezone.now(), **form.cleaned_data)
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    return render(request, "catalog/knowledge/terms.html", {"article": found, "form": form}, status=status)


@takes_attachments(ONE_FILE)
@login_required
@require_POST
def picture(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep a picture with it; the editor then shows how the text names it."""
    actor = _writer(request)
    found = queries.by_reference(actor, reference)
    sent: Any = request.FILES.get("file")
    if sent is None:
        raise InvalidInput.about("file", gettext("Choose a picture."))
    operations.add_picture(found, sent, actor=actor)
    return redirect_after_write(request, f"{found.get_absolute_url()}edit/#pictures")


@login_required
@require_POST
def withdraw_picture(request: HttpRequest, reference: str, key: str) -> HttpResponse:
    """Nobody is given it any more."""
    actor = _writer(request)
    found = queries.by_reference(actor, reference)
    picture = queries.picture_named(found, key)
    operations.withdraw_picture(found, picture, actor=actor)
    messages.success(request, gettext("%(name)s is taken away: nobody is given it any more.") % {"name": picture.name})
    return redirect_after_write(request, f"{found.get_absolute_url()}edit/#pictures")


@login_required
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Markdown as it will be shown: a part. Pictures of the named article are drawn, where the writer sees it."""
    actor = _writer(request)
    body, kept = request.POST.get("body", "")[:60_000].replace("\r\n", "\n"), frozenset[str]()
    if name := request.POST.get("article", ""):
        kept = frozenset(queries.pictures_of(queries.by_reference(actor, name[:20])))
    sentence = markdown.refusal(body)
    context = {"sentence": sentence, "html": "" if sentence else markdown.to_html(body, pictures=kept)}
    return render(request, "catalog/knowledge/partials/preview.html", context)
