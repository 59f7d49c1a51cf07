"""The one translation of refusals and failures into problems for the API."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404
from django.utils.translation import gettext
from rest_framework import exceptions
from rest_framework.response import Response

from itsm.api.problem_types import OF_FRAMEWORK
from itsm.api.problems import CHALLENGE, CONTENT_TYPE, RETRY_AFTER_SECONDS, pointers, problem
from itsm.kernel.errors import DomainError, InvalidInput, said_by_the_database
from itsm.security_log import refusal_log

logger = logging.getLogger(__name__)


def errors_become_problems(error: Exception, context: dict[str, Any]) -> Response:
    """REST framework's exception handler. Whatever was begun is rolled back; nothing leaks but a request id."""
    request_id = getattr(getattr(context.get("request"), "_request", None), "request_id", "")
    response = _answer(error, request_id)
    response.content_type = CONTENT_TYPE
    if response.status_code in (401, 403, 413, 429):
        code = str((response.data or {}).get("type", "")).rstrip("/").rpartition("/")[2]
        refusal_log(response.status_code, code, getattr(context.get("request"), "_request", None))
    return response


def _answer(error: Exception, request_id: str) -> Response:
    match error:
        case DomainError():
            return _domain(error, request_id)
        case exceptions.ValidationError():
            return _shape(error, request_id)
        case exceptions.APIException():
            return _framework(error, request_id)
        case Http404():
            return _plain(404, "", request_id)
        case PermissionDenied() | SuspiciousOperation():
            return _plain(403 if isinstance(error, PermissionDenied) else 400, str(error), request_id)
        case IntegrityError():
            logger.warning("refused by the database: %s", type(error.__cause__).__name__)
            return _made(
                "conflict", "This clashes with what is already there", 409, "The database refused it.", request_id
            )
        case DataError():
            return _made("invalid-input", "The input cannot be used", 400, "A value does not fit.", request_id)
        case OperationalError() | InterfaceError():
            return _busy(error, request_id)
    logger.exception("unexpected failure, request %s", request_id, exc_info=error)
    return _made("internal", "That was our fault", 500, "It is logged under this request id.", request_id)


def _domain(error: DomainError, request_id: str) -> Response:
    listed = pointers(error.errors) if isinstance(error, InvalidInput) and error.errors else None
    body = problem(
        error.code,
        error.title,
        error.status,
        error.detail,
        retryable=error.retryable,
        errors=listed,
        request_id=request_id,
        extra=error.extra,
    )
    response = Response(body, status=error.status)
    if error.status == 401:
        response["WWW-Authenticate"] = f'{CHALLENGE}, error="invalid_token"'  # RFC 6750, 3.1
    if error.retryable:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _shape(error: exceptions.ValidationError, request_id: str) -> Response:
    listed = pointers(error.detail)
    first = f"{listed[0]['pointer'] or 'The body'}: {listed[0]['detail']}" if listed else "The body is not usable."
    more = f" And {len(listed) - 1} more." if len(listed) > 1 else ""
    body = problem(
        "invalid-input", "The input cannot be used", 400, first + more, errors=listed[:100], request_id=request_id
    )
    return Response(body, status=400)


def _framework(error: exceptions.APIException, request_id: str) -> Response:
    sentence = str(error.detail)
    if isinstance(error, exceptions.NotAuthenticated):
        sentence = gettext("Send the header “Authorization: Bearer hr_…” with a token, or sign in in the browser.")
    response = _plain(error.status_code, sentence, request_id)
    for name in ("auth_header", "wait"):
        value = getattr(error, name, None)
        if value:
            response["WWW-Authenticate" if name == "auth_header" else "Retry-After"] = str(value)
    return response


def _plain(status: int, detail: str, request_id: str) -> Response:
    code, title = OF_FRAMEWORK.get(status, ("refused", "Refused"))
    return _made(code, title, status, detail or f"{title}.", request_id)


def _busy(error: Exception, request_id: str) -> Response:
    logger.warning("database busy or away, request %s: %s", request_id, said_by_the_database(error))
    body = problem(
        "unavailable", "Not available right now", 503, "Try again shortly.", retryable=True, request_id=request_id
    )
    return Response(body, status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def _made(code: str, title: str, status: int, detail: str, request_id: str) -> Response:
    return Response(problem(code, title, status, detail, request_id=request_id), status=status)
