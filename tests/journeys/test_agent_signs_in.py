"""A developer's program signs in: the official client library finds its way, a person says yes, a tool answers."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from playwright.sync_api import Browser

from itsm.accounts.models import User
from itsm.agents.models import Agent
from itsm.oauth.models import OAuthClient, OAuthGrant, OAuthRefresh
from tests.itsm.oauth.flow import Flow, registered
from tests.itsm.oauth.published import publishing
from tests.itsm.scripted_server import an_authority
from tests.journeys.cleanliness import faults
from tests.slo.proving import TURN, by_turns

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Kept:
    """What a program keeps of its sign-in."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class Back:
    """The port of its own machine on which the program waits for the browser."""

    def __init__(self) -> None:
        came: Queue[dict[str, list[str]]] = Queue()

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                came.put(parse_qs(urlsplit(self.path).query))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"You may close this window.")

            def log_message(self, *_words: Any) -> None:
                """Says nothing."""

        self.came, self.server = came, HTTPServer(("127.0.0.1", 0), Answers)
        self.uri = f"http://127.0.0.1:{self.server.server_port}/callback"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Program(threading.Thread):
    """The client library in a thread of its own; the browser is the test's."""

    def __init__(self, url: str, back: Back, document: str | None = None) -> None:
        super().__init__(daemon=True)
        self.url, self.back, self.kept, self.document = url, back, Kept(), document
        self.opens: Queue[str] = Queue()
        self.answers: Queue[Any] = Queue()

    def provider(self) -> OAuthClientProvider:
        async def open_browser(address: str) -> None:
            self.opens.put(address)

        async def wait() -> AuthorizationCodeResult:
            said = await asyncio.to_thread(self.back.came.get, True, 120)
            return AuthorizationCodeResult(code=said["code"][0], state=said["state"][0], iss=said["iss"][0])

        asked = OAuthClientMetadata(client_name="Claude Code", redirect_uris=[self.back.uri])
        return OAuthClientProvider(self.url, asked, self.kept, open_browser, wait, client_metadata_url=self.document)

    async def calls(self) -> Any:
        auth = self.provider()
        async with (
            httpx2.AsyncClient(auth=auth, timeout=60) as http,
            Client(streamable_http_client(self.url, http_client=http)) as client,
        ):
            listed = await client.list_tools()
            found = await client.call_tool("search", {"text": "nothing like it"})
            first = self.kept.tokens
            auth.context.token_expiry_time = 1.0  # an hour later, as the program sees it
            again = await client.call_tool("search", {"text": "nothing like it"})
            return [one.name for one in listed.tools], found, first, again, self.kept.tokens

    def run(self) -> None:
        try:
            self.answers.put(asyncio.run(self.calls()))
        except BaseException as error:
            self.answers.put(error)


@pytest.fixture(params=sorted(by_turns({"itself", "document"}, TURN, one_in=2)))
def document(request: Any, settings: Any, tmp_path: Path) -> Iterator[str | None]:
    """The address by which the program is known; None where it registers itself. Of both one in the sample."""
    if request.param == "itself":
        yield None
        return
    with publishing(an_authority(tmp_path), settings) as site:
        yield site.client_id


def test_a_program_signs_in_by_the_browser_and_calls_a_tool(
    chromium: Browser, live_server: Any, settings: Any, engineer: User, document: str | None
) -> None:
    settings.BASE_URL = live_server.url
    engineer.set_password("correct horse battery")
    engineer.save()
    program = Program(f"{live_server.url}/mcp", Back(), document)
    program.start()
    context = chromium.new_context(color_scheme="dark", viewport={"width": 390, "height": 844})
    page, wrong = context.new_page(), []
    page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
    page.goto(program.opens.get(timeout=120))
    page.fill("#id_username", "engineer")  # nobody is signed in yet: the desk's own sign-in comes first
    page.fill("#id_password", "correct horse battery")
    page.keyboard.press("Enter")
    page.get_by_text("It never approves").wait_for()
    assert "Claude Code" in page.inner_text("q")
    assert faults(page) == []
    assert OAuthClient.objects.get().host == (urlsplit(document).netloc if document else "")
    page.get_by_label("propose; a person accepts or dismisses").uncheck()
    page.get_by_role("button", name="Let it in").click()
    page.get_by_text("You may close this window.").wait_for()
    outcome = program.answers.get(timeout=120)
    assert not isinstance(outcome, BaseException), outcome
    tools, found, first, again, second = outcome
    assert "search" in tools
    assert not found.is_error, found
    assert not again.is_error, again
    assert first.access_token != second.access_token  # turned, without asking anybody
    agent = Agent.objects.get()
    assert (agent.account.owner, agent.name) == (engineer, "Claude Code")
    assert "desk:propose" not in agent.capabilities
    assert OAuthGrant.objects.get().ended_at is None
    assert OAuthRefresh.objects.count() == 2
    assert wrong == []
    context.close()


def test_a_browser_without_scripts_is_led_back_as_well(
    chromium: Browser, live_server: Any, settings: Any, engineer: User, web: Callable[[User], Any]
) -> None:
    """The page's policy lets its form lead to where the program waits, and nowhere else."""
    settings.BASE_URL = live_server.url
    back = Back()

    flow = Flow(web(engineer), registered(web(engineer), back.uri), back=back.uri)
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    session = flow.web.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(flow.address())
    page.get_by_role("button", name="Let it in").click()
    page.get_by_text("You may close this window.").wait_for()
    assert flow.tokens(back.came.get(timeout=60)["code"][0]).status_code == 200
    context.close()
