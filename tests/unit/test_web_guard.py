from __future__ import annotations

import hmac
import itertools
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import anyio
import hypothesis.strategies as st
import pytest
from hypothesis import given
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse, WebSocketTestSession
from starlette.types import Message
from starlette.websockets import WebSocket

from assistant.config import ServeConfig
from assistant.web.door import guard as guard_module
from assistant.web.door.addresses import own_names
from assistant.web.door.attempts import Attempts, guesser
from assistant.web.door.guard import Guard, Policy, needs_token
from assistant.web.door.host import only_host

TOKEN = "k7x-" + "T" * 39
PAGE = {"Accept": "text/html,application/xhtml+xml"}
EVERYWHERE = ServeConfig(host="0.0.0.0")  # noqa: S104 - not bound to


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def _answer(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def _kept(_: Request) -> Response:
    return PlainTextResponse("a style", headers={"Cache-Control": "no-cache", "Content-Security-Policy": "default-src *"})


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("welcome")
    await socket.close()


APP = Starlette(
    routes=[
        Route("/", _answer),
        Route("/infer", _answer, methods=["GET", "POST", "OPTIONS", "PUT"]),
        Route("/healthz", _answer),
        Route("/pair", _answer, methods=["GET", "POST"]),
        Route("/pair/code", _answer, methods=["POST"]),
        Route("/page.css", _kept),
        WebSocketRoute("/talk", _socket),
    ]
)
ports = itertools.count(40000)


def client(
    serve: ServeConfig | None = None,
    token: str | None = None,
    url: str = "http://localhost:7860",
    now: Clock | None = None,
    address: str = "192.168.1.77",
) -> TestClient:
    return TestClient(
        Guard(APP, Policy(serve or ServeConfig(), token, now or Clock())),
        url,
        follow_redirects=False,
        client=(address, next(ports)),
    )


def code_of(response: Any) -> tuple[int, str]:
    """Return what an answer of Starlette's client refuses; that client is made of httpx2 where it is installed, else of httpx."""
    problem = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["status"] == response.status_code
    assert problem["detail"].endswith((".", "。"))
    return int(response.status_code), str(problem["code"])


def talk(visitor: TestClient, headers: dict[str, str] | None = None) -> WebSocketTestSession:
    url = str(visitor.base_url.join("/talk")).replace("http", "ws", 1)
    return visitor.websocket_connect(url, headers=headers or {})


def shut_out(visitor: TestClient, headers: dict[str, str] | None = None) -> tuple[int, str]:
    with pytest.raises(WebSocketDenialResponse) as denied, talk(visitor, headers):
        pass
    return denied.value.status_code, denied.value.json()["code"]


# Host


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1234", "127.0.0.1:7860", "[::1]:7860", "192.168.1.20", "[fd00::2]:7860", "jetson.lan:443"]
)
def test_the_machine_is_known_by_its_names_and_addresses(host: str) -> None:
    visitor = client(ServeConfig(names=("jetson.lan",)))
    assert visitor.get("/infer", headers={"Host": host}).status_code == 200


def test_the_machine_is_known_by_what_it_calls_itself() -> None:
    for name in own_names():
        assert client().get("/infer", headers={"Host": f"{name}:7860"}).status_code == 200


def test_dns_rebinding_a_name_of_the_attackers_that_leads_here_is_refused() -> None:
    visitor = client(url="http://rebound.evil.example:7860")
    assert code_of(visitor.get("/infer")) == (421, "host-unknown")
    assert shut_out(visitor) == (421, "host-unknown")
    # to the page of the attacker, this would be its own origin
    told = {"Origin": "http://rebound.evil.example:7860", "Sec-Fetch-Site": "same-origin"}
    assert code_of(visitor.post("/infer", headers=told)) == (421, "host-unknown")


@pytest.mark.parametrize("host", ["localhost.evil.example", "127.0.0.1.evil.example", "evil-localhost", "0x7f.1", "2130706433"])
def test_names_that_look_like_this_machines_are_refused(host: str) -> None:
    assert code_of(client().get("/infer", headers={"Host": host})) == (421, "host-unknown")


def test_a_foreign_host_may_not_even_ask_how_the_service_is() -> None:
    assert code_of(client(EVERYWHERE, TOKEN).get("/healthz", headers={"Host": "evil.example"})) == (421, "host-unknown")


@pytest.mark.anyio
@pytest.mark.parametrize("hosts", [[], [b"localhost", b"evil.example"], [b"localhost", b"localhost"], [b"local host"], [b"\xff"]])
async def test_a_missing_doubled_or_malformed_host_is_refused(hosts: list[bytes]) -> None:
    assert (await spoken_to("GET", [(b"host", host) for host in hosts]))[0]["status"] == 400


@given(st.text(st.characters(codec="latin-1"), max_size=40))
def test_no_host_that_was_made_up_is_let_in(host: str) -> None:
    async def ask() -> int:
        return int((await spoken_to("GET", [(b"host", host.encode("latin-1"))]))[0]["status"])

    assert anyio.run(ask) in (400, 421) or only_host([host]) is not None


async def spoken_to(
    method: str,
    headers: list[tuple[bytes, bytes]],
    received: list[Message] | None = None,
    serve: ServeConfig | None = None,
    app: Any = APP,
) -> list[Message]:
    """Speak ASGI with the guard: for what no client library would send."""
    told = iter(received or [{"type": "http.request", "body": b"", "more_body": False}])
    sent: list[Message] = []

    async def receive() -> Message:
        message = next(told, None)
        if message is None:
            await anyio.sleep_forever()
        assert message is not None
        return message

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": "/infer",
        "raw_path": b"/infer",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 5),
        "server": ("127.0.0.1", 7860),
    }
    await Guard(app, Policy(serve or ServeConfig(), None))(scope, receive, send)
    return sent


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


# Origin


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS", "DELETE", "PATCH"])
def test_a_cross_site_post_is_refused(method: str) -> None:
    foreign = client().request(method, "/infer", headers={"Origin": "https://evil.example"})
    assert code_of(foreign) == (403, "origin-foreign")
    assert not [name for name in foreign.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "origin", ["null", "http://localhost", "https://localhost:7860", "http://127.0.0.1:7860", "http://localhost:80"]
)
def test_the_null_origin_and_neighbours_are_refused(origin: str) -> None:
    assert code_of(client().post("/infer", headers={"Origin": origin})) == (403, "origin-foreign")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_browser_that_hides_the_origin_but_tells_the_site_is_refused(site: str) -> None:
    assert code_of(client().post("/infer", headers={"Sec-Fetch-Site": site})) == (403, "origin-foreign")


def test_the_page_itself_and_programs_may_post() -> None:
    assert client().post("/infer", headers={"Origin": "http://localhost:7860", "Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert client().post("/infer").status_code == 200
    secure = client(url="https://192.168.1.20:7860")
    assert secure.post("/infer", headers={"Origin": "https://192.168.1.20:7860"}).status_code == 200


def test_looking_is_not_posting() -> None:
    assert client().get("/infer", headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_a_websocket_from_a_foreign_origin_is_refused_before_it_is_one() -> None:
    for origin in ("https://evil.example", "null", "http://localhost:8080"):
        assert shut_out(client(), {"Origin": origin}) == (403, "origin-foreign")
    assert shut_out(client(), {"Sec-Fetch-Site": "cross-site"}) == (403, "origin-foreign")


def test_a_websocket_of_the_page_or_a_program_is_let_in() -> None:
    for headers in ({"Origin": "http://localhost:7860"}, {}):
        with talk(client(), headers) as socket:
            assert socket.receive_text() == "welcome"


# Token


@pytest.mark.parametrize(
    ("serve", "needed"),
    [
        (ServeConfig(), False),
        (ServeConfig(host="127.9.9.9"), False),
        (ServeConfig(host="::1"), False),
        (ServeConfig(host="localhost"), False),
        (EVERYWHERE, True),
        (ServeConfig(host="::"), True),
        (ServeConfig(host="192.168.1.20"), True),
        (ServeConfig(host="jetson.lan"), True),
        (ServeConfig(names=("jetson.lan",)), True),
    ],
)
def test_a_token_is_needed_wherever_others_may_come_from(serve: ServeConfig, needed: bool) -> None:  # noqa: FBT001 - a table
    assert needs_token(serve) == needed


def test_a_stranger_is_told_to_pair() -> None:
    response = client(EVERYWHERE, TOKEN).post("/infer")
    assert code_of(response) == (401, "token-needed")
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert shut_out(client(EVERYWHERE, TOKEN)) == (401, "token-needed")


def test_a_stranger_is_told_so_in_chinese() -> None:
    response = client(EVERYWHERE, TOKEN).post("/infer", headers={"Accept-Language": "zh-CN"})
    assert response.json()["detail"] == "这台设备还没有连接。请先打开配对页面。"
    assert response.headers["content-language"] == "zh"


def test_a_strangers_browser_is_sent_to_the_pairing_page() -> None:
    response = client(EVERYWHERE, TOKEN).get("/", headers=PAGE)
    assert (response.status_code, response.headers["location"]) == (303, "/pair")
    assert code_of(client(EVERYWHERE, TOKEN).get("/")) == (401, "token-needed")
    assert code_of(client(EVERYWHERE, TOKEN).get("/infer", headers=PAGE)) == (401, "token-needed")


@pytest.mark.parametrize("path", ["/pair", "/healthz"])
def test_what_strangers_need_is_open(path: str) -> None:
    assert client(EVERYWHERE, TOKEN).get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/pair/code", "/pair/", "/pair/../infer", "/healthz/", "//healthz", "/PAIR", "/pair%2f..%2finfer"]
)
def test_nothing_that_resembles_an_open_path_is_open(path: str) -> None:
    assert code_of(client(EVERYWHERE, TOKEN).post(path)) == (401, "token-needed")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_program_is_let_in_by_its_token(scheme: str) -> None:
    visitor = client(EVERYWHERE, TOKEN)
    assert visitor.post("/infer", headers={"Authorization": f"{scheme} {TOKEN}"}).status_code == 200
    with talk(visitor, {"Authorization": f"{scheme} {TOKEN}"}) as socket:
        assert socket.receive_text() == "welcome"


def test_a_paired_browser_is_let_in_by_its_cookie() -> None:
    plain, secure = client(EVERYWHERE, TOKEN), client(EVERYWHERE, TOKEN, "https://localhost:7860")
    assert plain.get("/", headers={"Cookie": f"other=1; assistant={TOKEN}"}).status_code == 200
    assert secure.get("/", headers={"Cookie": f"__Host-assistant={TOKEN}"}).status_code == 200
    with talk(plain, {"Cookie": f"assistant={TOKEN}"}) as socket:
        assert socket.receive_text() == "welcome"


def test_over_https_only_the_cookie_counts_that_nobody_else_can_set() -> None:
    secure = client(EVERYWHERE, TOKEN, "https://localhost:7860")
    assert code_of(secure.get("/", headers={"Cookie": f"assistant={TOKEN}"})) == (401, "token-needed")


def test_a_cookie_that_another_service_of_the_host_set_beside_ours_shuts_nobody_out() -> None:
    for cookies in (f"assistant=tossed; assistant={TOKEN}", f"assistant={TOKEN}; assistant=tossed"):
        assert client(EVERYWHERE, TOKEN).get("/", headers={"Cookie": cookies}).status_code == 200


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (f"/infer?token={TOKEN}", {}),
        (f"/infer?access_token={TOKEN}", {}),
        ("/infer", {"Authorization": f"Basic {TOKEN}"}),
        ("/infer", {"Authorization": TOKEN}),
        ("/infer", {"X-Api-Key": TOKEN}),
        ("/infer", {"Cookie": f"token={TOKEN}"}),
        ("/infer", {"Cookie": f"Assistant={TOKEN}"}),
        ("/infer", {"Cookie": f"assistant=; x={TOKEN}"}),
    ],
)
def test_the_token_in_a_wrong_place_counts_for_nothing(path: str, headers: dict[str, str]) -> None:
    assert code_of(client(EVERYWHERE, TOKEN).post(path, headers=headers)) == (401, "token-needed")


@pytest.mark.parametrize("token", [TOKEN[:-1], TOKEN + "T", TOKEN.lower(), "None", "é", TOKEN[:-1] + "é"])
def test_a_token_that_is_nearly_right_is_wrong(token: str) -> None:
    shown = {"Authorization": f"Bearer {token}".encode("latin-1")}
    assert code_of(client(EVERYWHERE, TOKEN).post("/infer", headers=shown)) == (401, "token-wrong")  # type: ignore[arg-type]


def test_tokens_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []

    def compare(shown: bytes, token: bytes) -> bool:
        compared.append(shown)
        return hmac.compare_digest(shown, token)

    monkeypatch.setattr(guard_module, "hmac", SimpleNamespace(compare_digest=compare))
    visitor = client(EVERYWHERE, TOKEN)
    visitor.post("/infer", headers={"Authorization": "Bearer wrong"})
    visitor.post("/infer", headers={"Authorization": f"Bearer {TOKEN}"})
    assert compared == [b"wrong", TOKEN.encode()]


def test_wrong_tokens_are_made_to_wait_and_a_right_one_never_is() -> None:
    clock = Clock()
    visitor = client(EVERYWHERE, TOKEN, now=clock)
    wrong, right = {"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {TOKEN}"}
    assert [visitor.post("/infer", headers=wrong).status_code for _ in range(12)] == [401] * 10 + [429] * 2
    refused = visitor.post("/infer", headers=wrong)
    assert code_of(refused) == (429, "too-many-attempts")
    assert refused.headers["retry-after"] == "6"
    assert visitor.post("/infer", headers=right).status_code == 200
    clock.now += 6.0
    assert visitor.post("/infer", headers=wrong).status_code == 401
    assert visitor.post("/infer", headers=wrong).status_code == 429


def test_who_shows_no_token_is_never_made_to_wait() -> None:
    visitor = client(EVERYWHERE, TOKEN)
    assert {visitor.post("/infer").status_code for _ in range(50)} == {401}


def test_wrong_tokens_of_one_address_do_not_make_another_wait() -> None:
    guard = Guard(APP, Policy(EVERYWHERE, TOKEN, Clock()))
    wrong = {"Authorization": "Bearer wrong"}
    attacker = TestClient(guard, "http://localhost:7860", client=("192.168.1.66", 1))
    owner = TestClient(guard, "http://localhost:7860", client=("192.168.1.5", 1))
    assert [attacker.post("/infer", headers=wrong).status_code for _ in range(11)][-1] == 429
    assert owner.post("/infer", headers=wrong).status_code == 401


def test_wrong_tokens_of_all_addresses_together_are_limited() -> None:
    guard = Guard(APP, Policy(EVERYWHERE, TOKEN, Clock()))
    wrong, right = {"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {TOKEN}"}
    crowd = [TestClient(guard, "http://localhost:7860", client=(f"10.0.0.{number}", 1)) for number in range(120)]
    assert [visitor.post("/infer", headers=wrong).status_code for visitor in crowd] == [401] * 100 + [429] * 20
    assert crowd[-1].post("/infer", headers=right).status_code == 200


def test_a_household_counts_as_one_guesser() -> None:
    assert guesser(("2001:db8:1:2:aaaa::1", 9)) == guesser(("2001:db8:1:2:bbbb::2", 8))
    assert guesser(("2001:db8:1:2::1", 9)) != guesser(("2001:db8:1:3::1", 9))
    assert guesser(("::ffff:192.0.2.7", 9)) == guesser(("192.0.2.7", 8)) == "192.0.2.7"
    assert guesser(None) == ""
    assert guesser(("a-socket", 0)) == "a-socket"


def test_remembering_who_guessed_wrong_takes_a_limited_memory() -> None:
    attempts = Attempts(burst=1, every=60.0, now=Clock())
    for number in range(20_000):
        attempts.failed(str(number))
    assert len(attempts._forgiven_at) == 10_000
    assert attempts.wait("19999") == 60


# Headers


@pytest.mark.parametrize("path", ["/infer", "/nowhere", "/page.css"])
def test_every_answer_forbids_what_browsers_can_be_forbidden(path: str) -> None:
    headers = client().get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' blob: data:",
        "media-src": "'self' blob:",
        "connect-src": "'self' ws://localhost:7860",
        "worker-src": "'self'",
        "manifest-src": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
    }
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["permissions-policy"] == "camera=(self), microphone=(self)"
    assert "strict-transport-security" not in headers
    assert "access-control-allow-origin" not in headers


def test_refusals_have_the_same_headers() -> None:
    for refused in (client().get("/", headers={"Host": "evil.example"}), client(EVERYWHERE, TOKEN).get("/", headers=PAGE)):
        assert "frame-ancestors 'none'" in refused.headers["content-security-policy"]
        assert refused.headers["cache-control"] == "no-store"
        assert "evil.example" not in refused.headers["content-security-policy"]


def test_the_socket_of_this_host_is_named_for_old_iphones_where_a_policy_can_name_it() -> None:
    assert (
        "connect-src 'self' wss://10.0.0.1:7860;" in client(url="https://10.0.0.1:7860").get("/").headers["content-security-policy"]
    )
    assert "connect-src 'self';" in client().get("/", headers={"Host": "[::1]:7860"}).headers["content-security-policy"]


def test_only_what_says_so_is_kept_by_browsers() -> None:
    assert client().get("/infer").headers["cache-control"] == "no-store"
    assert client().get("/page.css").headers["cache-control"] == "no-cache"


# Body

SMALL = ServeConfig(body_megabytes=1)
MOST = 1_000_000


def chunks(total: int) -> Iterator[bytes]:
    for start in range(0, total, 65_536):
        yield b"x" * min(65_536, total - start)


def test_a_body_up_to_the_limit_passes() -> None:
    assert client(SMALL).post("/infer", content=b"x" * MOST).text == str(MOST)
    assert client(SMALL).post("/infer", content=chunks(MOST)).text == str(MOST)


def test_a_body_that_says_it_is_too_large_is_not_waited_for() -> None:
    assert code_of(client(SMALL).post("/infer", content=b"x" * (MOST + 1))) == (413, "body-too-large")


@pytest.mark.parametrize("lengths", [["-1"], ["1e3"], [""], ["0x10"], ["1, 1"], ["１"], ["9" * 5000], ["1", "1"], ["1", "2"]])
def test_a_length_that_is_none_is_refused(lengths: list[str]) -> None:
    async def ask() -> int:
        headers = [(b"host", b"localhost"), *((b"content-length", length.encode()) for length in lengths)]
        return int((await spoken_to("POST", headers))[0]["status"])

    assert anyio.run(ask) == (413 if len(lengths[0]) > 100 else 400)


def test_a_body_that_grows_too_large_on_its_way_is_refused() -> None:
    async def ask() -> list[Message]:
        parts: list[Message] = [{"type": "http.request", "body": b"x" * 400_000, "more_body": True} for _ in range(10)]
        return await spoken_to("POST", [(b"host", b"localhost")], parts, SMALL)

    sent = anyio.run(ask)
    assert sent[0]["status"] == 413
    assert (b"connection", b"close") in sent[0]["headers"]
    assert len(sent) == 2


def test_a_lie_about_the_length_does_not_help() -> None:
    async def ask() -> list[Message]:
        parts: list[Message] = [{"type": "http.request", "body": b"x" * 400_000, "more_body": True} for _ in range(10)]
        return await spoken_to("POST", [(b"host", b"localhost"), (b"content-length", b"5")], parts, SMALL)

    assert anyio.run(ask)[0]["status"] == 413


def test_an_application_that_answers_the_broken_body_itself_is_not_heard() -> None:
    async def stubborn(_scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        assert (await receive())["type"] == "http.disconnect"
        await PlainTextResponse("whatever", 500)(_scope, receive, send)

    async def ask() -> list[Message]:
        parts: list[Message] = [{"type": "http.request", "body": b"x" * 600_000, "more_body": True} for _ in range(2)]
        return await spoken_to("POST", [(b"host", b"localhost")], parts, SMALL, stubborn)

    sent = anyio.run(ask)
    assert [message.get("status") for message in sent] == [413, None]


def test_a_body_that_trickles_is_given_up() -> None:
    hasty = ServeConfig.model_construct(**{**ServeConfig().model_dump(), "time_limit": 0.05})

    async def ask() -> list[Message]:
        part: Message = {"type": "http.request", "body": b"x", "more_body": True}
        return await spoken_to("POST", [(b"host", b"localhost")], [part], hasty)

    sent = anyio.run(ask)
    assert sent[0]["status"] == 408
    assert b'"code":"body-too-slow"' in sent[1]["body"]


def test_an_answer_that_has_begun_is_not_followed_by_a_refusal() -> None:
    async def hasty(_: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (await receive())["type"] != "http.disconnect":
            pass
        await send({"type": "http.response.body", "body": b"as far as it came"})

    async def ask() -> list[Message]:
        parts: list[Message] = [{"type": "http.request", "body": b"x" * 600_000, "more_body": True} for _ in range(2)]
        return await spoken_to("POST", [(b"host", b"localhost")], parts, SMALL, hasty)

    assert [message.get("status") for message in anyio.run(ask)] == [200, None]


def test_a_client_that_goes_away_is_nobodys_fault() -> None:
    async def ask() -> list[Message]:
        return await spoken_to("POST", [(b"host", b"localhost")], [{"type": "http.disconnect"}])

    assert [message.get("status") for message in anyio.run(ask)] == [500, None]  # of Starlette's, to nobody


def test_what_is_neither_a_request_nor_a_socket_passes() -> None:
    with client() as visitor:  # starts and stops the application
        assert visitor.get("/infer").status_code == 200
