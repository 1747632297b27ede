from __future__ import annotations

import os
import stat
import threading
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import cv2
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from assistant.config import ServeConfig
from assistant.errors import SecretUnusable
from assistant.turn.speakable import speakable
from assistant.types import Language, Sentence
from assistant.web.door import invitation as invitation_module
from assistant.web.door import sayings, secret_file
from assistant.web.door.addresses import Reached
from assistant.web.door.credentials import read_token, service_folder
from assistant.web.door.guard import Guard, Policy
from assistant.web.door.host import Host
from assistant.web.door.invitation import Answer, Invitation, Invitations
from assistant.web.door.pairing import Pairing, write_picture
from tests.unit.test_web_guard import Clock, code_of

TOKEN = "T" * 43
EVERYWHERE = ServeConfig(host="0.0.0.0")  # noqa: S104 - not bound to
HERE = Reached("https", Host("192.168.1.20", 7860))


class Service:
    """The pairing pages behind the guard, and a page that only paired devices see."""

    def __init__(self, url: str = "http://192.168.1.20:7860", authority: bytes | None = None) -> None:
        self.clock, self.url = Clock(), url
        self.pairing = Pairing(TOKEN, authority, self.clock)

        async def page(_: Request) -> PlainTextResponse:
            return PlainTextResponse("the assistant")

        app = Starlette(routes=[Route("/", page), *self.pairing.routes()])
        self.guard = Guard(app, Policy(EVERYWHERE, TOKEN, self.clock))

    def browser(self, address: str = "192.168.1.77", **headers: str) -> TestClient:
        told = {"Accept": "text/html", "Origin": self.url, **headers}
        return TestClient(self.guard, self.url, follow_redirects=False, client=(address, 5), headers=told)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08}"


class Elements(HTMLParser):
    """All elements of a page, and what is written in them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[int, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if self.found:
            last = len(self.found) - 1
            self.texts[last] = self.texts.get(last, "") + data.strip()

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.found if name == tag]

    def named(self, identifier: str) -> tuple[dict[str, str], str]:
        [index] = [index for index, (_, attributes) in enumerate(self.found) if attributes.get("id") == identifier]
        return self.found[index][1], self.texts[index]


# A device is paired


def test_a_device_is_paired_by_the_code_that_was_said() -> None:
    service = Service()
    invitation = service.pairing.invite()
    browser = service.browser()
    assert browser.get("/").headers["location"] == "/pair"
    paired = browser.post("/pair", data={"code": invitation.code})
    assert (paired.status_code, paired.headers["location"]) == (303, "/")
    assert browser.get("/").text == "the assistant"


@pytest.mark.parametrize("write", ["{0} {1}", "{0}-{1}", " {0},{1} ", "{0}\u3000{1}"])
def test_how_the_code_is_grouped_does_not_matter(write: str) -> None:
    service = Service()
    code = service.pairing.invite().code
    assert service.browser().post("/pair", data={"code": write.format(code[:4], code[4:])}).status_code == 303


def test_wide_digits_of_a_chinese_keyboard_are_digits() -> None:
    service = Service()
    code = service.pairing.invite().code.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert service.browser().post("/pair", data={"code": code}).status_code == 303


def test_a_device_is_paired_by_the_link_and_one_press() -> None:
    service = Service()
    link = urlsplit(service.pairing.invite().link(Reached("http", Host("192.168.1.20", 7860))))
    browser = service.browser()
    page = Elements(browser.get(f"{link.path}?{link.query}").text)
    [field] = page.all("input")
    assert field == {"type": "hidden", "name": "link", "value": parse_qs(link.query)["link"][0]}
    assert browser.post("/pair", data={"link": field["value"]}).status_code == 303
    assert browser.get("/").text == "the assistant"


def test_opening_the_link_pairs_nothing_and_uses_nothing_up() -> None:
    service = Service()
    invitation = service.pairing.invite()
    for _ in range(3):
        seen = service.browser().get(invitation.path)
        assert seen.status_code == 200
        assert "set-cookie" not in seen.headers
    assert service.browser().post("/pair", data={"link": invitation.secret}).status_code == 303


def test_login_csrf_a_foreign_page_cannot_pair_a_browser() -> None:
    service = Service()
    code = service.pairing.invite().code
    foreign = service.browser(Origin="https://evil.example")
    assert code_of(foreign.post("/pair", data={"code": code})) == (403, "origin-foreign")
    assert service.browser().post("/pair", data={"code": code}).status_code == 303


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites() -> None:
    for url, name, secure in (
        ("http://192.168.1.20:7860", "assistant", ""),
        ("https://192.168.1.20:7860", "__Host-assistant", True),
    ):
        service = Service(url)
        paired = service.browser().post("/pair", data={"code": service.pairing.invite().code})
        cookie = SimpleCookie(paired.headers["set-cookie"])[name]
        assert cookie.value == TOKEN
        assert cookie["httponly"]
        assert cookie["samesite"].lower() == "strict"
        assert cookie["secure"] == secure
        assert cookie["path"] == "/"
        assert cookie["domain"] == ""
        assert cookie["max-age"] == str(400 * 24 * 3600)


def test_a_paired_device_may_invite_another_one() -> None:
    service = Service()
    first = service.browser()
    assert code_of(first.post("/pair/code")) == (401, "token-needed")
    first.post("/pair", data={"code": service.pairing.invite().code})
    told = first.post("/pair/code").json()
    assert told == {"code": told["code"], "spoken": told["spoken"], "path": told["path"], "seconds": 600}
    assert told["spoken"].replace(" ", "").replace(",", "") == told["code"]
    assert service.browser().post("/pair", data={"code": told["code"]}).status_code == 303


def test_a_link_lets_one_device_in() -> None:
    service = Service()
    invitation = service.pairing.invite()
    assert service.browser().post("/pair", data={"link": invitation.secret}).status_code == 303
    assert service.browser().post("/pair", data={"link": invitation.secret}).status_code == 410
    assert service.browser().post("/pair", data={"code": invitation.code}).status_code == 410


# A code is guessed


def test_a_code_lets_one_device_in() -> None:
    service = Service()
    invitation = service.pairing.invite()
    assert service.browser().post("/pair", data={"code": invitation.code}).status_code == 303
    assert service.browser().post("/pair", data={"code": invitation.code}).status_code == 410
    assert service.browser().post("/pair", data={"link": invitation.secret}).status_code == 410


def test_a_code_ends_after_ten_minutes() -> None:
    service = Service()
    invitation = service.pairing.invite()
    service.clock.now += 600.0
    assert service.browser().post("/pair", data={"code": invitation.code}).status_code == 410
    assert service.browser().post("/pair", data={"link": invitation.secret}).status_code == 410


def test_a_new_code_ends_the_old_one() -> None:
    service = Service()
    old, new = service.pairing.invite(), service.pairing.invite()
    assert service.browser().post("/pair", data={"link": old.secret}).status_code == 410
    assert service.browser().post("/pair", data={"link": new.secret}).status_code == 303


def test_nobody_is_let_in_before_there_is_a_code() -> None:
    for form in ({"code": "00000000"}, {"code": ""}, {"link": ""}, {"link": "x"}, {}):
        refused = Service().browser().post("/pair", data=form)
        assert refused.status_code == 410
        assert "set-cookie" not in refused.headers


def test_brute_force_of_the_code_from_one_address_is_slowed_down_to_nothing() -> None:
    service = Service()
    code = service.pairing.invite().code
    attacker = service.browser("192.168.1.66")
    answers = [attacker.post("/pair", data={"code": wrong(code)}).status_code for _ in range(20)]
    assert answers == [403] * 5 + [429] * 15
    guesses = 5
    while service.clock.now < 1000.0 + 599.0:
        service.clock.now += 1.0
        guesses += attacker.post("/pair", data={"code": wrong(code)}).status_code == 403
    assert guesses <= 25
    # the right code is worth nothing to one who must wait: else waiting would not matter
    attacker.post("/pair", data={"code": wrong(code)})
    assert attacker.post("/pair", data={"code": code}).status_code == 429
    # and the owner was never shut out
    assert service.browser("192.168.1.5").post("/pair", data={"code": code}).status_code == 303


def test_brute_force_from_many_addresses_ends_the_code_but_shuts_out_no_owner() -> None:
    service = Service()
    invitation = service.pairing.invite()
    answers = [
        service.browser(f"10.0.{number // 250}.{number % 250}").post("/pair", data={"code": wrong(invitation.code)}).status_code
        for number in range(110)
    ]
    assert answers == [403] * 100 + [410] * 10
    owner = service.browser("192.168.1.5")
    assert owner.post("/pair", data={"code": invitation.code}).status_code == 410
    assert owner.post("/pair", data={"link": invitation.secret}).status_code == 303
    # a new code starts afresh
    assert service.browser("192.168.1.6").post("/pair", data={"code": service.pairing.invite().code}).status_code == 303
    # and who is paired goes on
    assert owner.get("/").text == "the assistant"


def test_how_long_to_wait_is_told() -> None:
    service = Service()
    code = service.pairing.invite().code
    for _ in range(5):
        service.browser().post("/pair", data={"code": wrong(code)})
    refused = service.browser().post("/pair", data={"code": code})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
    assert "Wait 30 seconds" in refused.text
    service.clock.now += 30.0
    assert service.browser().post("/pair", data={"code": code}).status_code == 303


def test_guesses_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    class Watched:
        @staticmethod
        def compare_digest(shown: bytes, right: bytes) -> bool:
            compared.append((shown, right))
            return shown == right

    monkeypatch.setattr(invitation_module, "hmac", Watched)
    invitations = Invitations(Clock())
    invitation = invitations.invite()
    invitations.take_link("x")
    invitations.take_code("1", "")
    assert compared == [(b"x", invitation.secret.encode()), (b"1", invitation.code.encode())]


def test_codes_are_spread_over_all_there_are() -> None:
    invitations = Invitations()
    codes = [invitations.invite().code for _ in range(2000)]
    assert all(len(code) == 8 and code.isdecimal() for code in codes)
    assert len(set(codes)) > 1990
    assert {code[0] for code in codes} == set("0123456789")


@given(st.text(max_size=40))
def test_no_text_but_the_code_lets_in(text: str) -> None:
    invitations = Invitations(Clock())
    invitation = Invitation("31415926", "a secret", 1e9)
    invitations._current = invitation
    assert invitations.take_link(text) is Answer.ENDED
    assert invitations.take_code(text, "") is Answer.WRONG


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"code=" + b"1" * 5000, "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % number for number in range(100)), "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b'{"code": "12345678"}', "application/json"),
        (b"--x\r\nContent-Disposition: form-data; name=code\r\n\r\n1\r\n--x--", "multipart/form-data; boundary=x"),
        (b"link=%F0%9F%98%80%ff", "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_that_is_no_form_is_a_wrong_guess(body: bytes, kind: str) -> None:
    service = Service()
    service.pairing.invite()
    refused = service.browser().post("/pair", content=body, headers={"Content-Type": kind})
    assert refused.status_code in (403, 410)
    assert "set-cookie" not in refused.headers


# The page


@pytest.mark.parametrize(("language", "lang"), [("en", "en"), ("zh-CN", "zh-CN")])
def test_the_page_can_be_used_without_sight_and_without_script(language: str, lang: str) -> None:
    service = Service()
    code = service.pairing.invite().code
    browser = service.browser(**{"Accept-Language": language})
    page = Elements(browser.get("/pair").text)
    assert page.all("html") == [{"lang": lang}]
    assert page.all("script") == []
    assert not [name for _, attributes in page.found for name in attributes if name == "style" or name.startswith("on")]
    [field] = page.all("input")
    assert (field["name"], field["inputmode"], field["autocomplete"]) == ("code", "numeric", "one-time-code")
    assert page.all("label") == [{"for": field["id"]}]
    assert page.named(field["aria-describedby"])[1]
    assert page.all("form") == [{"method": "post", "action": "/pair"}]
    assert "aria-invalid" not in field
    refused = browser.post("/pair", data={"code": wrong(code)})
    page = Elements(refused.text)
    [field] = page.all("input")
    assert field["aria-invalid"] == "true"
    first, second = field["aria-describedby"].split()
    alert, sentence = page.named(first)
    assert alert["role"] == "alert"
    assert sentence.startswith(("Error: This is not the code.", "错误：配对码不对"))
    assert page.named(second)[1]
    assert refused.text.split("<title>")[1].startswith(("Error: ", "错误："))


def test_every_link_and_style_of_the_page_is_open_to_strangers() -> None:
    service = Service(authority=b"a certificate")
    browser = service.browser()
    page = Elements(browser.get("/pair").text)
    assert [link["href"] for link in page.all("link")] == ["/pair/style.css"]
    assert browser.get("/pair/style.css").headers["content-type"] == "text/css; charset=utf-8"
    assert [link["href"] for link in page.all("a")] == ["/", "/pair/ca.crt"]


@given(st.text(max_size=50))
@example('"><script>alert(1)</script>')
@example("&quot;' <")
def test_what_the_link_holds_never_becomes_markup(link: str) -> None:
    page = Elements(Service().browser().get("/pair", params={"link": link}).text)
    assert page.all("script") == []
    if link and link.isprintable():
        assert page.all("input") == [{"type": "hidden", "name": "link", "value": link}]


def test_the_certificate_can_be_downloaded_as_phones_take_it() -> None:
    browser = Service(authority=b"a certificate").browser()
    response = browser.get("/pair/ca.crt")
    assert (response.content, response.headers["content-type"]) == (b"a certificate", "application/x-x509-ca-cert")
    without = Service().browser()
    assert without.get("/pair/ca.crt").headers["location"] == "/pair"
    assert "/pair/ca.crt" not in without.get("/pair").text


# The token is kept


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "service"


def test_the_token_is_made_once_and_only_its_user_may_read_it(folder: Path) -> None:
    token = read_token(folder)
    assert len(token) == 43
    assert read_token(folder) == token
    assert stat.S_IMODE((folder / "token").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(folder.iterdir()) == [folder / "token"]


def test_tokens_differ(tmp_path: Path) -> None:
    assert len({read_token(tmp_path / str(number)) for number in range(5)}) == 5


def test_a_generous_umask_opens_nothing(folder: Path) -> None:
    before = os.umask(0)
    try:
        read_token(folder)
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "token").stat().st_mode) == 0o600


def test_a_token_that_others_could_read_is_closed_to_them(folder: Path) -> None:
    token = read_token(folder)
    (folder / "token").chmod(0o644)
    assert read_token(folder) == token
    assert stat.S_IMODE((folder / "token").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_token_that_others_could_write_is_refused(folder: Path, mode: int) -> None:
    read_token(folder)
    (folder / "token").chmod(mode)
    with pytest.raises(SecretUnusable, match="others could have written it"):
        read_token(folder)


def test_a_link_in_place_of_the_token_is_refused(folder: Path, tmp_path: Path) -> None:
    folder.mkdir(parents=True)
    planted = tmp_path / "planted"
    planted.write_text(TOKEN, encoding="ascii")
    planted.chmod(0o600)
    (folder / "token").symlink_to(planted)
    with pytest.raises(SecretUnusable):
        read_token(folder)


def test_a_pipe_in_place_of_the_token_is_refused_and_not_waited_for(folder: Path) -> None:
    folder.mkdir(parents=True)
    os.mkfifo(folder / "token", 0o600)
    with pytest.raises(SecretUnusable, match="no file"):
        read_token(folder)


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 42, b"x" * 44, b"!" * 43, "é".encode() * 20])
def test_a_file_that_holds_no_token_is_refused(folder: Path, content: bytes) -> None:
    secret_file.replace(folder / "token", content)
    with pytest.raises(SecretUnusable, match="does not hold a token") as refused:
        read_token(folder)
    assert "token" in refused.value.spoken("en")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file", encoding="ascii")
    with pytest.raises(SecretUnusable):
        read_token(tmp_path / "state" / "service")


def test_several_programs_that_make_the_token_at_once_agree(folder: Path) -> None:
    tokens: list[str] = []
    barrier = threading.Barrier(8)

    def start() -> None:
        barrier.wait()
        tokens.append(read_token(folder))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tokens) == 8
    assert set(tokens) == {read_token(folder)}
    assert list(folder.iterdir()) == [folder / "token"]


def test_the_secrets_lie_in_the_state_folder() -> None:
    assert service_folder().parent.name == "assistant"


# It is told and said


def test_the_qr_code_holds_the_link(folder: Path) -> None:
    link = f"{HERE.url}pair?link=fL9LBd8rqwZXUabezOon3w"  # always the same: of random ones OpenCV cannot read every tenth
    path = write_picture(folder, link)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    pixels = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    assert cv2.QRCodeDetectorAruco().detectAndDecode(pixels)[0] == link


@pytest.fixture
def invitation() -> Invitation:
    return Invitation("12345678", "a-secret", 0.0)


def test_how_the_service_is_reached_is_printed_one_thing_a_line(invitation: Invitation) -> None:
    assert sayings.printed("en", HERE, invitation, Path("pairing.png")) == (
        "Open this page in a browser: https://192.168.1.20:7860/",
        "The browser will warn of an unknown certificate: it is this machine's own.",
        "Pairing code: 1 2 3 4, 5 6 7 8. It holds for 10 minutes, and for one device.",
        "Or open this link on that device; it is as secret as the code: https://192.168.1.20:7860/pair?link=a-secret",
        "The link as a QR code, for somebody who can see: pairing.png",
    )
    plain = Reached("http", Host("127.0.0.1", 7860))
    assert sayings.printed("zh", plain) == ("请用浏览器打开这个网页：http://127.0.0.1:7860/",)


@pytest.mark.parametrize(
    ("language", "name", "sentence"),
    [
        ("en", "192.168.1.20", "You reach me in a browser at https, 1 9 2 dot 1 6 8 dot 1 dot 2 0, port 7 8 6 0."),
        ("en", "fd00::2", "You reach me in a browser at https, f d 0 0 colon colon 2, port 7 8 6 0."),
        ("zh", "192.168.1.20", "请用浏览器打开https，一 九 二 点 一 六 八 点 一 点 二 零，端口 7 8 6 0。"),
        ("zh", "jetson.local", "请用浏览器打开https，jetson 点 local，端口 7 8 6 0。"),
    ],
)
def test_the_address_is_spelled_for_who_hears_it(language: Language, name: str, sentence: str) -> None:
    assert sayings.spoken(language, Reached("https", Host(name, 7860))) == sentence


def test_the_code_is_said_twice(invitation: Invitation) -> None:
    said = sayings.spoken("en", HERE, invitation)
    assert said.endswith("port 7 8 6 0. The pairing code is 1 2 3 4, 5 6 7 8. Again: 1 2 3 4, 5 6 7 8.")
    assert said.startswith("The browser will warn of an unknown certificate")


@pytest.mark.parametrize(
    ("language", "heard"),
    [
        (
            "en",
            (
                "https, one nine two dot one six eight dot one dot two zero, port seven eight six zero",
                "one two three four, five six",
            ),
        ),
        ("zh", ("https，一九二点一六八点一点二零，端口七八六零", "一二三四，五六七八")),
    ],
)
def test_what_the_voice_is_given_can_be_typed(language: Language, heard: tuple[str, ...], invitation: Invitation) -> None:
    said = speakable(Sentence(sayings.spoken(language, HERE, invitation), language)).text
    assert all(part in said for part in heard)
