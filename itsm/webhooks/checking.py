"""What an endpoint may say: an address that may be reached, a secret that can be used, events that there are."""

from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from itsm.api.nearest import did_you_mean
from itsm.kernel.errors import InvalidInput
from itsm.notifications.credentials import credentials_of
from itsm.notifications.outgoing import OutgoingRefused
from itsm.notifications.web_addresses import is_web_address
from itsm.webhooks import forms, pictures, secret_addresses, sending, signing
from itsm.webhooks.models import MAX_EVENTS, WebhookEndpoint
from itsm.webhooks.vocabulary import COMMANDING, EVERYTHING, Form


def normal(events: Iterable[str]) -> list[str]:
    """Each once, in their order; `*` alone."""
    found = list(dict.fromkeys(one.strip() for one in events if one.strip()))
    return [EVERYTHING] if EVERYTHING in found else found


def known_events() -> list[str]:
    """Every type that may be asked for."""
    all_of = ((kind, pictured.events) for kind, pictured in pictures.kinds().items())
    return [EVERYTHING, *(f"{kind}.{one}" for kind, names in all_of for one in ("*", *names))]


def check(endpoint: WebhookEndpoint, *, address: bool = True) -> None:
    """Raise InvalidInput with all that is wrong; `address`: that too, which asks a resolver."""
    wrong: dict[str, list[str]] = {}
    if fault := _fault_of_events(endpoint.events):
        wrong["events"] = [fault]
    if endpoint.form not in Form.values:
        wrong["form"] = [_("Say one of: %(words)s.") % {"words": ", ".join(Form.values)}]
    if endpoint.only_team and endpoint.team_id is None:
        wrong["team"] = [_("Say whose: only what lies with a team is told.")]
    if not isinstance(endpoint.options, dict):
        wrong["options"] = [_("An object.")]
    elif "form" not in wrong:
        wrong.update(forms.wrong(endpoint))
    if address:
        wrong.update(_errors_of(lambda: check_address(endpoint.url)))
    wrong.update(_errors_of(lambda: check_secret(endpoint)))
    wrong.update(_errors_of(lambda: check_slash(endpoint)))
    if wrong:
        raise InvalidInput(_("Nothing can be told to this endpoint."), wrong)


def _errors_of(judge: Callable[[], None]) -> dict[str, list[str]]:
    try:
        judge()
    except InvalidInput as refusal:
        return dict(refusal.errors)
    return {}


def check_address(url: str) -> None:
    """Raise InvalidInput where nothing is ever sent to that address, or its secret is not there."""
    try:
        url = secret_addresses.address_of(url)
    except OutgoingRefused as error:
        raise InvalidInput.about("url", str(error)) from error
    if not is_web_address(url):
        raise InvalidInput.about("url", _("Send an http or https address, without a user name in it."))
    try:
        sending.judged(url)
    except OutgoingRefused as error:
        raise InvalidInput.about("url", str(error)) from error


def check_secret(endpoint: WebhookEndpoint) -> None:
    """Raise InvalidInput where the credential that signs, or signs in, is not there, or is none."""
    if not endpoint.credential:
        return
    try:
        if endpoint.form == Form.STANDARD:
            signing.credential(endpoint.credential)
        else:  # a chat signs in with it
            credentials_of("bearer", endpoint.credential)
    except OutgoingRefused as error:
        raise InvalidInput.about("credential", str(error)) from error


def check_slash(endpoint: WebhookEndpoint) -> None:
    """Raise InvalidInput where its commands could be proven by nothing."""
    if not endpoint.slash_credential:
        return
    if endpoint.form not in COMMANDING:
        raise InvalidInput.about(
            "slash_credential", _("Commands are heard from Slack and Mattermost: leave this empty.")
        )
    try:
        credentials_of("bearer", endpoint.slash_credential)
    except OutgoingRefused as error:
        raise InvalidInput.about("slash_credential", str(error)) from error


def _fault_of_events(events: list[str]) -> str:
    if not events:
        return _("Say at least one: * for all of them.")
    if len(events) > MAX_EVENTS:
        return _("At most %(most)s events; incident.* is every one of a kind.") % {"most": MAX_EVENTS}
    known = known_events()
    for one in events:
        if one not in known:
            return _("There is no event %(event)s.") % {"event": one[:80]} + did_you_mean(one[:80], known)
    return ""
