from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.served import Served, served


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=["https", "http"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Served]]:
    with served(tmp_path, https=request.param == "https") as service:
        yield f"{request.param}://127.0.0.1:{service.port}", service


def visit(browser: Browser, url: str, *, scripts: bool = True) -> Page:
    context = browser.new_context(ignore_https_errors=True, java_script_enabled=scripts, locale="en-GB")
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(url)
    return page


@pytest.mark.parametrize("scripts", [True, False])
def test_a_device_is_paired_with_the_keyboard_alone(browser: Browser, service: tuple[str, Served], *, scripts: bool) -> None:
    url, served_at = service
    page = visit(browser, url, scripts=scripts)
    expect(page).to_have_url(f"{url}/pair")
    code = served_at.pairing.invite().code
    field = page.get_by_role("textbox", name="Pairing code")
    expect(field).to_be_focused()
    field.press_sequentially(f"{(int(code) + 1) % 10**8:08}")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Error: This is not the code. Please type it again.")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("Error: This is not the code. Please type it again. " + HINT)
    field.press_sequentially(f"{code[:4]} {code[4:]}")
    field.press("Enter")
    expect(page).to_have_url(f"{url}/")
    expect(page.get_by_role("heading")).to_have_text("welcome" if scripts else "the assistant")
    [cookie] = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["secure"]) == (True, "Strict", url.startswith("https"))
    page.context.close()


HINT = "Eight digits. The assistant says and prints them when it starts. Spaces do not matter."


def test_a_device_is_paired_by_the_link_and_one_press(browser: Browser, service: tuple[str, Served]) -> None:
    url, served_at = service
    page = visit(browser, url + served_at.pairing.invite().path)
    page.get_by_role("button", name="Connect").press("Enter")
    expect(page).to_have_url(f"{url}/")
    page.context.close()


def test_the_page_behind_the_guard_runs_its_own_script_and_reaches_nothing_else(
    browser: Browser, service: tuple[str, Served]
) -> None:
    url, served_at = service
    page = visit(browser, url + served_at.pairing.invite().path)
    page.get_by_role("button", name="Connect").press("Enter")
    expect(page.get_by_role("heading")).to_have_text("welcome")  # by its own socket
    expect(page.get_by_text("https://elsewhere.example")).to_be_attached()  # was blocked
    assert page.title() == "the assistant"  # the inline script did not run
    assert page.evaluate("document.cookie") == ""
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_axe_finds_nothing_wrong_with_the_pairing_page(
    browser: Browser, service: tuple[str, Served], scheme: str, language: str
) -> None:
    url, served_at = service
    served_at.pairing.invite()
    context = browser.new_context(ignore_https_errors=True, color_scheme=scheme, locale=language)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{url}/pair")
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("textbox").fill("1")
    page.get_by_role("button").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    context.close()
