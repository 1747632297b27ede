from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from starlette.applications import Starlette
from starlette.testclient import TestClient

from assistant.turn.commands import command_of
from assistant.turn.requests import request_of
from assistant.web.static import PAGE_FOLDER, page_part

FILES = sorted(path.name for path in PAGE_FOLDER.iterdir())
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(Starlette(routes=page_part().routes))


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_served_as_what_it_is_and_kept(client: TestClient, name: str) -> None:
    response = client.get(f"/page/{name}")
    assert response.content == (PAGE_FOLDER / name).read_bytes()
    assert response.headers["content-type"] == TYPES[Path(name).suffix]
    assert response.headers["cache-control"] == "no-cache"
    again = client.get(f"/page/{name}", headers={"if-none-match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "no-cache"


def test_the_page_is_at_the_root(client: TestClient) -> None:
    assert client.get("/").content == (PAGE_FOLDER / "index.html").read_bytes()
    assert client.head("/").status_code == 200
    assert client.post("/").status_code == 405


@pytest.mark.parametrize(
    "path", ["/page/", "/page/../static.py", "/page/%2e%2e/static.py", "/page/..%2fstatic.py", "/page//etc/passwd", "/page/none.js"]
)
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert b"StaticFiles" not in response.content


def test_whatever_a_file_names_is_there() -> None:
    for name in FILES:
        if Path(name).suffix in (".html", ".js", ".webmanifest"):
            text = (PAGE_FOLDER / name).read_text(encoding="utf-8")
            named = re.findall(r'"(?:\./|/page/)([\w.-]+)"', text)
            assert set(named) <= set(FILES), name


def test_no_file_holds_script_or_style_within_another_or_leads_elsewhere() -> None:
    page = (PAGE_FOLDER / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)|javascript:", page) == []
    for name in FILES:
        if Path(name).suffix != ".png":
            text = (PAGE_FOLDER / name).read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
            assert re.findall(r"https?://|//\w+\.\w+", text) == [], name


def test_both_languages_say_everything() -> None:
    words = (PAGE_FOLDER / "words.js").read_text(encoding="utf-8")
    english, chinese = (
        dict(re.findall(r'^  (\w+): "(.+)",$', block, re.MULTILINE))
        for block in re.findall(r"= \{\n(.+?)\n\};", words, re.DOTALL)[:2]
    )
    assert english.keys() == chinese.keys()
    for name, text in chinese.items():
        assert re.search("[\u4e00-\u9fff]", text), name
        assert re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", english[name])
    page = (PAGE_FOLDER / "index.html").read_text(encoding="utf-8")
    for name, shown in re.findall(r'data-word="(\w+)"[^>]*>([^<]*)<', page):
        assert english[name] == shown  # what is read before the scripts run
    scripts = "".join(
        (PAGE_FOLDER / name).read_text(encoding="utf-8") for name in FILES if name.endswith(".js") and name != "words.js"
    )
    used = {*re.findall(r'data-(?:word|label|alt)="(\w+)"', page), *re.findall(r'"(\w+)"', scripts)}
    built = ("state", "microphone", "camera")
    assert [name for name in english if name not in used and not name.startswith(built)] == []


def test_the_wheel_brings_the_page(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(PAGE_FOLDER.parents[2])).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        assert {f"assistant/web/page/{name}" for name in FILES} <= set(archive.namelist())


def test_what_buttons_say_is_understood() -> None:
    said = (PAGE_FOLDER / "commands.js").read_text(encoding="utf-8")
    words = re.findall(r'\w+: "(.+?)"', said)
    buttons = re.findall(r'data-command="(\w+)"', (PAGE_FOLDER / "index.html").read_text(encoding="utf-8"))
    assert set(buttons) <= set(re.findall(r'(\w+): "', said))
    assert len(words) == 28
    assert [word for word in words if not (command_of(word) or request_of(word))] == []
    for form in re.findall("`(.+?)`", said):
        assert request_of(form.replace("${thing}", "门" if form[0] > "\u3400" else "door"))
