"""``assistant serve`` and ``assistant run --serve``: the real program, asked over HTTP."""

from __future__ import annotations

import re
import ssl
import wave
from pathlib import Path

import httpx
import pytest

from tests.e2e.assistant_process import AssistantProcess
from tests.serving import PATIENCE, SCENE

pytestmark = [pytest.mark.weights, pytest.mark.usefixtures("whisper_base"), pytest.mark.timeout(180)]
SETTINGS = ("--profile", "practice", "--set", "serve.port=0", "--set", "speaker.kind=file")
AHEAD = "An umbrella on your left, a dog ahead and a chair on your right."
ASKED = {"image_path": "scene.png", "prompt": "What is in front of me?"}


def url_in(program: AssistantProcess) -> str:
    found = re.search(r"https?://\S+", program.wait_for("Open this page in a browser"))
    assert found
    return found[0]


@pytest.fixture
def quiet(tmp_path: Path) -> tuple[str, ...]:
    """Return settings with files in place of sound devices: half a minute of silence, and where the voice goes."""
    silence = tmp_path / "silence.wav"
    with wave.open(str(silence), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 16_000 * 60))
    heard = ("--set", "microphone.kind=file", "--set", f"microphone.path={silence}", "--set", f"camera.source={SCENE.parent}/")
    return (*SETTINGS, "--set", f"speaker.path={tmp_path / 'out.wav'}", *heard)


def test_it_says_where_it_is_answers_and_ends(quiet: tuple[str, ...]) -> None:
    with AssistantProcess("serve", *quiet) as program:
        url = url_in(program)
        program.wait_for("You reach me in a browser at http, 1 2 7 dot 0 dot 0 dot 1")
        sound = (SCENE.parent / "question.wav").read_bytes()
        with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as http:
            assert http.post("/infer", json=ASKED).json()["text"] == AHEAD
            told = http.post("/infer", files={"image": SCENE.read_bytes(), "audio": sound}).json()
            assert (told["heard"], told["text"]) == ("What is in front of me?", AHEAD)
            spoken = http.post("/v1/audio/speech", json={"input": "Hello.", "model": "m", "voice": "v"}).content
            assert len(spoken) > 5000
        assert program.interrupt() == 130


def test_https_with_a_certificate_of_its_own_for_devices_that_were_paired(quiet: tuple[str, ...], tmp_path: Path) -> None:
    settings = (
        *quiet,
        "--https",
        "--set",
        "serve.host=127.0.0.1",
        "--set",
        f"serve.folders=['{tmp_path}']",
        "--set",
        "serve.names=['assistant.example']",
    )
    with AssistantProcess("serve", *settings) as program:
        url = url_in(program)
        (tmp_path / "copy.png").write_bytes(SCENE.read_bytes())
        unverified = ssl.create_default_context()
        unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
        with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False, verify=unverified) as http:
            asked = {**ASKED, "image_path": str(tmp_path / "copy.png")}
            assert http.post("/infer", json=asked).status_code == 401
            port = f"serve.port={httpx.URL(url).port}"
            with AssistantProcess("pair", *settings, "--set", port, "--set", f"speaker.path={tmp_path / 'pair.wav'}") as pair:
                code = re.search(r"\d[\d ,]+\d", pair.wait_for("Pairing code: "))
                assert pair.wait() == 0
            assert code
            assert http.post("/pair", data={"code": code[0]}, headers={"Origin": url.rstrip("/")}).status_code == 303
            assert http.post("/infer", json=asked).json()["text"] == AHEAD
        assert (tmp_path / "pair.wav").stat().st_size > 100_000  # the code was said, too
        assert program.interrupt() == 130


def test_a_conversation_and_the_service_together(quiet: tuple[str, ...]) -> None:
    with AssistantProcess("run", "--serve", *quiet) as program:
        url = url_in(program)
        program.wait_for("You reach me in a browser")
        with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as http:
            assert http.post("/infer", json=ASKED).json()["text"] == AHEAD
        with AssistantProcess("run", "--serve", *quiet, "--set", f"serve.port={httpx.URL(url).port}") as second:
            second.wait_for("in use, perhaps by another assistant")
            second.wait_for("first sound")  # and the conversation goes on
            assert second.interrupt() == 130
        with AssistantProcess("serve", *quiet, "--set", f"serve.port={httpx.URL(url).port}") as third:
            third.wait_for("in use, perhaps by another assistant")
            assert third.wait() == 1
        assert program.interrupt() == 130
