"""Altegio's API: checks each call, and passes it to the handler of its operation.

What Altegio's documentation does not say is marked, by a comment or in `choices`.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from attrs import evolve, frozen

from .api import Behavior, Call, Endpoint, Rejection, Request, Response, invalid, json_response
from .choices import LENIENT, ChoiceName
from .endpoints import OperationName, operation_of, operations_at
from .locations import Locations
from .operations import dictionaries, marketplace, tariffs, voip, webhooks
from .validation import ID, read_fields, read_object

_ACCEPT = "application/vnd.api.v2+json"
_FORM = "application/x-www-form-urlencoded"
_FURTHER_SETUP = "/further-setup"
_ALTEGIO_PATH = re.compile(r"/(marketplace|marketplace_webhook|api/v1)(/.*)?")
_WRONG_PREFIX = re.compile(r"/api/v1/marketplace/(partner|salon)/.*|/api/v1/marketplace/application/[^/]+/salons")
ENDPOINTS: Mapping[OperationName, Endpoint] = {
    **marketplace.ENDPOINTS,
    **tariffs.ENDPOINTS,
    **webhooks.ENDPOINTS,
    **voip.ENDPOINTS,
    **dictionaries.ENDPOINTS,
}


@frozen
class AltegioAPI:
    """One partner's application, and its locations."""

    behavior: Behavior
    locations: Locations

    def answer(self, request: Request, now: datetime) -> Response:
        """Return the response to a request, and save what the request changes."""
        self.locations.process_due(now)
        try:
            return self._dispatch(request, now)
        except Rejection as rejection:
            return rejection.response()

    def _dispatch(self, request: Request, now: datetime) -> Response:
        if request.path == _FURTHER_SETUP:
            return _further_setup(request)
        found = operation_of(request.method, request.path)
        others = {} if found else operations_at(request.path)
        if not (found or others):
            return _unknown_path(request.path)
        if request.path.endswith("/"):
            self._choose("trailing_slash", Rejection(404, "Not found.", "The path ends with a slash."))
        if found is None:
            allow = ", ".join(others)
            raise Rejection(405, "Method not allowed.", f"This path requires {allow}.", allow=allow)
        name, in_path = found
        endpoint = ENDPOINTS[name]
        self._check_headers(request, endpoint)
        ids = {key: self._path_id(key, text) for key, text in in_path.items()}
        fields = self._fields(request, endpoint)
        given = ids.get("application_id", fields.get("application_id", self.behavior.application_id))
        if given != self.behavior.application_id:
            status, message = endpoint.wrong_application
            raise Rejection(status, message, f"The partner's application is {self.behavior.application_id}.")
        return endpoint.handle(Call(self.behavior, self.locations, now, request.base_url, ids, fields))

    def _choose(self, choice: ChoiceName, rejection: Rejection) -> None:
        """Reject a call that Altegio may accept, unless the sandbox is lenient."""
        if not (self.behavior.lenient and choice in LENIENT):
            raise Rejection(rejection.status, rejection.message, rejection.reason, rejection.errors, choice=choice)

    def _check_headers(self, request: Request, endpoint: Endpoint) -> None:
        scheme, _, tokens = request.headers.get("authorization", "").partition(" ")
        partner, _, user = tokens.partition(", User ")
        needed = "'Bearer' and the partner token"
        if endpoint.needs_user:
            needed += ", a comma, 'User' and the user token"
        unauthorized = Rejection(401, "Authentication needed.", f"The Authorization header must be {needed}.")
        if scheme.lower() != "bearer" or partner != self.behavior.partner_token:
            raise unauthorized
        if endpoint.needs_user and user != self.behavior.user_token:
            raise unauthorized
        if scheme != "Bearer":
            self._choose("scheme_case", unauthorized)
        if user and not endpoint.needs_user and not endpoint.takes_user:
            self._choose("needless_user_token", unauthorized)
        if _ACCEPT not in request.headers.get("accept", ""):
            reason = f"The Accept header must contain {_ACCEPT}."
            self._choose("missing_accept", Rejection(403, "Access denied.", reason))

    def _path_id(self, name: str, text: str) -> int:
        """Return an id in the path, or 0 if it is not one."""
        if re.fullmatch("[0-9]{1,18}", text):
            return int(text)
        whole = re.fullmatch(r"([0-9]{1,18})\.0*", text)
        if not whole:
            return 0
        problem = f"{name}: {ID.requirement}"
        status = 422 if name == "payment_id" else 404
        self._choose("fractional_ids", Rejection(status, "Not found.", problem))
        return int(whole[1])

    def _fields(self, request: Request, endpoint: Endpoint) -> Mapping[str, Any]:
        if endpoint.body is not None:
            fields, content = endpoint.body, self._body(request)
        elif endpoint.query is not None:
            pairs = parse_qsl(request.query, keep_blank_values=True)
            fields, content = endpoint.query, {name: _number(text) for name, text in pairs}
        else:
            return {}
        content, errors, choice = read_fields(content, fields, lenient=self.behavior.lenient)
        if errors:
            raise invalid(errors, choice or (None if endpoint.documents_422 else "fields_without_422"))
        return content

    def _body(self, request: Request) -> dict[str, Any]:
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type != "application/json":
            problem = invalid({"body": ["The Content-Type must be application/json."]})
            self._choose("content_type", problem)
            if content_type == _FORM:
                return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        content = read_object(request.body)
        if content is None:
            raise invalid({"body": ["This must be a JSON object."]})
        return content


def _number(text: str) -> object:
    """Return a value of the query string, as a number if it is one."""
    if re.fullmatch("[0-9]{1,100}", text):
        return int(text)
    return Decimal(text) if re.fullmatch(r"[0-9]{1,100}(\.[0-9]{1,100})?([eE][+-]?[0-9]{1,3})?", text) else text


def _further_setup(request: Request) -> Response:
    """Altegio's page behind the redirect of a registration. Only a browser should open it, without the token."""
    token = "with the bearer token" if "authorization" in request.headers else "without the bearer token"
    page = b"<!DOCTYPE html><html><head><title>Altegio</title></head><body>Further setup</body></html>"
    reason = f"The redirect of a registration was followed, {token}."
    return Response(200, {"content-type": "text/html; charset=utf-8"}, page, reason)


def _unknown_path(path: str) -> Response:
    if _WRONG_PREFIX.fullmatch(path):
        raise Rejection(404, "Not found.", "Unknown path. This one begins with /marketplace, without /api/v1.")
    if _ALTEGIO_PATH.fullmatch(path):
        error = "The sandbox does not have this path. Altegio may have it."
        return evolve(json_response(501, {"error": error}), reason=error)
    error = "Unknown path. Altegio's paths begin with /marketplace or /api/v1."
    return evolve(json_response(404, {"error": error}), reason=error)
