"""The sandbox over HTTP: Altegio's endpoints, the page at `/`, and the controls under `/sandbox/`."""

import ipaddress
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from itertools import count
from urllib.parse import parse_qsl, urlsplit

import anyio
from anyio import to_thread
from attrs import evolve

from .api import Request, Response, json_response
from .controls import CONTROLS, Control
from .explorer import altegio_openapi
from .openapi import openapi
from .page import explorer_page, page
from .parameters import Parameters
from .sandbox import Sandbox
from .server import EventStream, print_traceback

_EXPLORER = "/explorer"
_DESCRIPTION = "/openapi.yaml"
_PAGES = ("/", "/further-setup", _EXPLORER, _DESCRIPTION)
_OPENAPI = "/sandbox/openapi.json"
_EVENTS = "/sandbox/events"
_EVENT_STREAM = {"content-type": "text/event-stream", "cache-control": "no-store"}
_POLLING = 0.2  # seconds between two looks for changes
_KEEP_ALIVE = 15.0  # seconds after which a watcher that has gone is noticed
_MAX_NOTICES = 100
_MAX_SENDERS = 100  # controls that wait for the answers to their callbacks, each in a thread


class HTTPApp:
    """Routes requests to Altegio's endpoints, the page, or the controls."""

    def __init__(self, sandbox: Sandbox, host: str) -> None:
        self._sandbox = sandbox
        self._is_local = _is_loopback(host)
        self._notices = deque[tuple[str, str]](maxlen=_MAX_NOTICES)
        self._numbers = count(1)
        self._senders, self._watchers = anyio.CapacityLimiter(_MAX_SENDERS), anyio.CapacityLimiter(_MAX_SENDERS)

    async def answer(self, request: Request) -> Response | EventStream:
        """Respond. The page and the controls run in threads: those that wait for callbacks do not delay others."""
        if request.path == "/further-setup":
            self._sandbox.answer(request)  # for the calls: a client that follows redirects may show its token here
        if request.path not in _PAGES and not f"{request.path}/".startswith("/sandbox/"):
            return self._sandbox.answer(request)
        found = _methods_of(request.path)
        refusal = self._refusal(request) or _refused_method(request, [*found])
        if refusal is not None:
            return refusal
        if request.path in _PAGES:
            return await to_thread.run_sync(self._of_path, request, abandon_on_cancel=True)
        if request.path == _EVENTS:
            return Response(200, _EVENT_STREAM) if request.method == "HEAD" else self._events()
        if request.path == _OPENAPI:
            return json_response(200, openapi())
        control, ids = found["GET" if request.method == "HEAD" else request.method]
        in_url = [*ids.items(), *parse_qsl(request.query, keep_blank_values=True)]
        limiter = self._senders if control.sends_callbacks else None
        return await to_thread.run_sync(
            self._control, request, control, in_url, limiter=limiter, abandon_on_cancel=True
        )

    async def watch(self) -> None:
        """Process due events every second, even while earlier callbacks wait for responses."""
        async with anyio.create_task_group() as tasks:
            while True:
                await anyio.sleep(1)
                tasks.start_soon(self._process_due_events)

    async def _process_due_events(self) -> None:
        try:
            process = self._sandbox.process_due_events
            await to_thread.run_sync(process, limiter=self._watchers, abandon_on_cancel=True)
        except Exception:  # noqa: BLE001  it must not stop the server
            print_traceback()

    def _refusal(self, request: Request) -> Response | None:
        """Return the rejection of a request from another site's page, also with DNS rebinding; None for others."""
        host, origin = request.headers.get("host"), request.headers.get("origin")
        if self._is_local and host is not None and not _is_loopback(_name_in(host)):
            error = f"{host} is not a name of this machine: use localhost, or start the sandbox with --host 0.0.0.0."
            return json_response(403, {"error": error})
        if request.method != "GET" and origin is not None and origin.lower() != request.base_url.lower():
            return json_response(403, {"error": "Pages of other sites cannot control the sandbox."})
        return None

    def _control(self, request: Request, control: Control, in_url: list[tuple[str, str]]) -> Response:
        is_browser = "text/html" in request.headers.get("accept", "") and control.method == "POST"
        try:
            parameters = Parameters.parse(request.headers.get("content-type", ""), request.body, in_url)
            parameters.check([*(one.name for one in control.parameters), *control.ignored])
            result = control.act(self._sandbox, parameters)
        except (ValueError, OverflowError, RecursionError) as error:
            message = str(error).encode(errors="backslashreplace").decode()  # a lone surrogate cannot be encoded
            if not is_browser:
                return json_response(422, {"error": message})
            return evolve(self._page(request, error=message), status=422)
        if not is_browser:
            return json_response(result.status, result.content)
        if result.redirect_to is not None:
            return Response(303, {"location": result.redirect_to})
        number = str(next(self._numbers))
        self._notices.append((number, result.message))
        return Response(303, {"location": f"/?notice={number}"})

    def _of_path(self, request: Request) -> Response:
        if request.path == _DESCRIPTION:
            return Response(200, {"content-type": "application/yaml"}, altegio_openapi(request.base_url).encode())
        if request.path == _EXPLORER:
            return explorer_page(self._sandbox, base_url=request.base_url)
        return self._page(request)

    def _page(self, request: Request, *, error: str = "") -> Response:
        query = dict(parse_qsl(request.query))
        notice = dict(self._notices.copy()).get(query.get("notice", ""), "")
        return page(self._sandbox, query, base_url=request.base_url, notice=notice, error=error)

    def _events(self) -> EventStream:
        return EventStream(_EVENT_STREAM, self._changes())

    async def _changes(self) -> AsyncIterator[bytes]:
        """Yield an event after each change. Changes that are faster than the reader become one event."""
        seen: tuple[object, ...] = ()
        quiet = 0.0
        while True:
            now = self._sandbox.version()
            if now != seen:
                seen, quiet = now, 0.0
                yield b"event: change\ndata: %s\n\n" % json.dumps(self._sandbox.summary()).encode()
            elif quiet >= _KEEP_ALIVE:
                quiet = 0.0
                yield b": nothing has changed\n\n"
            await anyio.sleep(_POLLING)
            quiet += _POLLING


def _methods_of(path: str) -> dict[str, tuple[Control, Mapping[str, str]]]:
    """Return the controls of a path by their method, with the parameters in the path."""
    return {one.method: (one, ids) for one in CONTROLS if (ids := one.match(path)) is not None}


def _refused_method(request: Request, methods: list[str]) -> Response | None:
    if request.path in (*_PAGES, _EVENTS, _OPENAPI):
        methods = ["GET"]
    if not methods:
        paths = ", ".join(dict.fromkeys([*(one.path for one in CONTROLS), _EVENTS, _OPENAPI]))
        return json_response(404, {"error": f"Unknown path. The paths are {paths}."})
    if request.method in methods or (request.method == "HEAD" and "GET" in methods):
        return None
    allowed = ", ".join(methods)
    return evolve(json_response(405, {"error": f"This path requires {allowed}."}), headers={"allow": allowed})


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _name_in(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
