"""What each problem's `type` means and what to do about it: the pages behind /problems/<code>/."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Explanation:
    """`again`: the same request may succeed later without any change."""

    status: int
    title: Any
    meaning: Any
    remedy: Any
    again: bool = False


_ALL = {
    "invalid-input": Explanation(
        400,
        _("The input cannot be used"),
        _("Something in the body or the form has the wrong type, is unknown, or lies outside its limits."),
        _("Read `errors`: each has a JSON pointer to the place and a sentence about it. Correct these and send again."),
    ),
    "malformed": Explanation(
        400,
        _("The request cannot be read"),
        _("The body is not valid JSON, or the address or a header is broken."),
        _("Check quoting and encoding (UTF-8) of what is sent."),
    ),
    "not-authenticated": Explanation(
        401,
        _("Sign in first"),
        _("The request came without a token, and without a session."),
        _("Send `Authorization: Bearer hr_…`. Issue a token on the profile page or by ./manage.py issue_token."),
    ),
    "command-not-proven": Explanation(
        401,
        _("This command is not proven"),
        _("A chat's command came without a signature or token that holds, too late, or a second time."),
        _("Give the endpoint's slash commands the secret that the chat shows, and send the command again."),
    ),
    "delivery-not-proven": Explanation(
        401,
        _("This delivery is not proven"),
        _("A platform's webhook came without a signature that holds over its bytes, or more than five minutes off."),
        _("Give the platform the secret of its source, send JSON as it is signed, and compare the clocks."),
    ),
    "token-unknown": Explanation(
        401,
        _("This token is not known here"),
        _("The header was sent, but what stands in it is no token of this desk: part of it may be missing."),
        _("Send `Authorization: Bearer hr_…` with the whole token, as it was shown once."),
    ),
    "token-expired": Explanation(
        401,
        _("This token has expired"),
        _("Tokens live for a time; this one's is over. Nothing else is wrong with it."),
        _("Issue another one on the profile page or by ./manage.py issue_token, and send that."),
    ),
    "token-revoked": Explanation(
        401,
        _("This token was revoked"),
        _("Somebody took it back, or its account was closed."),
        _("Ask its owner; issue another one where that is meant."),
    ),
    "token-withheld": Explanation(
        401,
        _("Tokens are withheld after a restore"),
        _("The desk was restored from a backup, where tokens that were revoked since are alive again."),
        _("Look which are still meant, then release the desk: ./manage.py release_outgoing. Nothing else is wrong."),
    ),
    "sign-in-refused": Explanation(
        403,
        _("You are not let in here"),
        _("Your provider says who you are, and no account here is yours; `reason` says why in a stable word."),
        _("Ask an administrator to invite you, or come in another way; they see the reason beside the provider."),
    ),
    "workload-refused": Explanation(
        401,
        _("This workload is not let in"),
        _("A pipeline brought its platform's token (OIDC), and it lets nobody in; `reason` says why in a stable word."),
        _("Ask the platform for a fresh token whose audience is this desk's address; Settings say who may come in."),
    ),
    "not-permitted": Explanation(
        403,
        _("You may not do this"),
        _(
            "You are signed in, but your role, your team or the token's scopes do not allow it. Nobody, administrators "
            "included, approves what they asked for or carry out themselves."
        ),
        _("Ask somebody with the role that is named, or use a token with the scope."),
    ),
    "password-needed": Explanation(
        403,
        _("Show once more who you are"),
        _(
            "You may do this, but it weighs much: approving an emergency, an override, letting a policy rule. Only who "
            "has shown within five minutes who they are does it, with a second factor where they have one, so that no "
            "passer-by does it who merely finds a browser open."
        ),
        _("Do it on the page, which asks for it in its form. A token is not enough: it proves no presence."),
    ),
    "form-expired": Explanation(
        403,
        _("This form has expired"),
        _("The page was open for too long, or belongs to another session."),
        _("Go back, reload the page and send the form again."),
    ),
    "not-found": Explanation(
        404,
        _("There is no such thing, or you may not see it"),
        _("The address names nothing. What you may not see answers the same, so that nothing can be guessed."),
        _("Check the reference. Zeros at its beginning may be left out: 42 is 00042."),
    ),
    "method-not-allowed": Explanation(
        405,
        _("Not with this method"),
        _("The address exists, but not for this HTTP method."),
        _("The `Allow` header lists the methods; the API's pages show them too."),
    ),
    "not-acceptable": Explanation(
        406, _("Answers are JSON"), _("`Accept` asks for something else."), _("Accept application/json.")
    ),
    "delivery-id-mismatch": Explanation(
        409,
        _("This id is another delivery's"),
        _("A delivery of this id came before, with another body."),
        _("Give each delivery an id of its own; one that is sent again is sent to the byte."),
    ),
    "wrong-state": Explanation(
        409,
        _("Not from this state"),
        _("The record is not where this step starts; somebody may have moved it meanwhile."),
        _("Read the record again. `available` lists the steps that are open now."),
    ),
    "conflict": Explanation(
        409,
        _("This clashes with what is already there"),
        _("The name is taken, or another request got there first."),
        _("Read what is there. Choose another name, or use what exists."),
    ),
    "merged": Explanation(
        409,
        _("It was merged into another incident"),
        _("It lives on in the incident that `survivor` names; here nothing is written any more."),
        _("Write to that one. What was written here is shown there too."),
    ),
    "length-required": Explanation(
        411,
        _("Say how long the body is"),
        _("The body came in chunks, without a Content-Length."),
        _("Send Content-Length; every client that holds the whole body can."),
    ),
    "stale-version": Explanation(
        412,
        _("Somebody changed it since you read it"),
        _("You sent the version that you read, and it is no longer the newest. Nothing was overwritten."),
        _("Read it again, look at what changed, and send your change with the new version."),
    ),
    "https-needed": Explanation(
        403,
        _("Speak https"),
        _("A program asked without encryption. It is not led on: whoever sits between has read its token."),
        _("Use the https address of this desk, and issue a new token."),
    ),
    "too-large": Explanation(
        413,
        _("The body is too large"),
        _("A request may have about 1.5 MB, and a list in it has a limit of its own."),
        _("Send it in several requests."),
    ),
    "unsupported-media-type": Explanation(
        415,
        _("Send application/json"),
        _("The body is not declared as JSON."),
        _("Set Content-Type: application/json."),
    ),
    "missing-information": Explanation(
        422,
        _("Something is missing"),
        _("The step is open to you, but the record does not hold all that it needs."),
        _("`missing` lists all of it at once. Add these and take the step again."),
    ),
    "answered-meanwhile": Explanation(
        409,
        _("Somebody answered meanwhile"),
        _("While this was being written, somebody else said something in public on the same record."),
        _("Read the newer answer, then send yours again, changed or as it is."),
    ),
    "overtaken": Explanation(
        409,
        _("The record moved meanwhile"),
        _("What a software agent proposed does not fit the record any more, and was not written. It says why."),
        _("Nothing. Where it is still wanted, change the record yourself, or let the agent look again."),
    ),
    "answered-before": Explanation(
        409,
        _("This was answered before"),
        _("A question how something was handled is answered once; words beside it are kept once."),
        _("Nothing: the first answer stays."),
    ),
    "answer-too-late": Explanation(
        409,
        _("The time to answer is over"),
        _("How something was handled can be said for 30 days, and words can be added for a day after that answer."),
        _("Nothing. If it is broken again, ask anew."),
    ),
    "takes-away": Explanation(
        409,
        _("This takes something away"),
        _("The edit makes another change of it: what was asked or authorised on the old content ends."),
        _("`takes_away` says what is lost. If you mean it, send the edit again with the mark in `agreed`."),
    ),
    "consent-missing": Explanation(
        422,
        _("Two callers would read each other's words"),
        _("After a merge both callers read the public notes of both incidents, and nobody said that they agree."),
        _("Ask them and send `consent`: true; or link one as a duplicate, which keeps the conversations apart."),
    ),
    "form-sent-before": Explanation(
        409,
        _("This form was sent before"),
        _("It went well when it was sent first. It came again with other words, and nobody can know what is meant."),
        _("Open what was made and change it there; or send the form as another one, which makes a second record."),
    ),
    "idempotency-mismatch": Explanation(
        422,
        _("This key was used for another request"),
        _("An Idempotency-Key stands for one request for 72 hours; this one came with another body or query before."),
        _("Use a new key for a new request; resend the same body to get the same answer."),
    ),
    "unknown-tool": Explanation(
        404,
        _("There is no such tool"),
        _("A software agent asked for a tool that the agents' door does not have, under that name."),
        _("List the tools again (`tools/list`): those that the token may use are there."),
    ),
    "capability-not-given": Explanation(
        403,
        _("Its owner has not given this capability"),
        _("Each tool belongs to a capability, and the agent or its token does not hold this one."),
        _("The owner gives it on the agent's page; a token issued afterwards holds it."),
    ),
    "read-outside": Explanation(
        403,
        _("It has read words of strangers"),
        _("Who has read what somebody outside wrote may follow it unknowingly: it writes nothing outward for an hour."),
        _("Wait for the time that is named; or the owner allows it for this capability on the agent's page."),
    ),
    "agent-stopped": Explanation(
        403,
        _("This agent was stopped"),
        _("Its owner or an administrator stopped this software agent, or all of them."),
        _("Ask the owner. Whoever stopped it lets it go on, on the agent's page or in the list of agents."),
    ),
    "version-required": Explanation(
        428,
        _("Say which version you read"),
        _("An edit needs If-Match, so that nobody overwrites what they have not seen."),
        _("Read the record, take its ETag, and send it as If-Match."),
    ),
    "too-many-requests": Explanation(
        429,
        _("Too many requests"),
        _("More requests than this address or account may send."),
        _("Wait for as long as `Retry-After` says."),
        again=True,
    ),
    "internal": Explanation(
        500,
        _("That was our fault"),
        _("Something failed that should not. Nothing was half done: a request has its whole effect or none."),
        _("It is logged under the `request_id`. Send it again; if it repeats, tell whoever runs Headroom the id."),
        again=True,
    ),
    "unavailable": Explanation(
        503,
        _("Not available right now"),
        _("The database is busy or away. Nothing was changed."),
        _("Wait for as long as `Retry-After` says and send it again."),
        again=True,
    ),
    "refused": Explanation(
        400, _("Refused"), _("The request was understood and refused."), _("The `detail` says why.")
    ),
}


def explanation(code: str) -> Explanation | None:
    return _ALL.get(code)


def explained() -> list[str]:
    """Every code that has an explanation."""
    return sorted(_ALL)
