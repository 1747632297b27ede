"""Profiles, files and the command line, laid over one another."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from assistant import cli, profiles, settings
from assistant.config import (
    EspeakVoiceConfig,
    FileSpeakerConfig,
    KokoroVoiceConfig,
    OpenAiVisionConfig,
    PiperVoiceConfig,
    VisionConfig,
)
from assistant.errors import ConfigError
from assistant.machine import GIB, Gpu, Machine
from assistant.models import catalogue
from assistant.profiles import AUTO
from assistant.settings import PRACTICE, Settings, settle

ROOT = Path(__file__).parents[2]
LAPTOP = Machine("Linux", "x86_64", "", 8, 16 * GIB)
GAMER = Machine("Linux", "x86_64", "", 8, 16 * GIB, (Gpu("CUDA0: RTX", 8 * GIB),))


def not_looked() -> Machine:
    raise AssertionError("what machine this is does not matter here")


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def origin(settled: Settings, key: str) -> str:
    return next(value.origin for value in settled.values if value.key == key)


def here(monkeypatch: pytest.MonkeyPatch, folder: Path, *names: str) -> None:
    """Let the models called `names` be the only ones that were fetched."""
    monkeypatch.setenv("ASSISTANT_MODELS", str(folder))
    monkeypatch.delenv(settings.VARIABLE, raising=False)
    for name in names:
        model = catalogue.find(name)
        for file in model.files:
            path = model.folder / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as empty:
                empty.truncate(file.bytes or 0)  # a hole: it takes no room


@pytest.mark.parametrize("name", profiles.names())
def test_every_profile_is_valid_can_be_spoken_of_and_chooses_models_of_the_catalogue(name: str) -> None:
    profile = profiles.load(name, "test", lambda: AUTO)
    assert profile.about.endswith(".")
    assert set(profile.spoken) == {"en", "zh"}
    config = settle(None, name, (), not_looked).config
    assert {config.vision.model, config.transcriber.model} <= set(catalogue.catalogue())


def test_an_upper_layer_changes_single_values_and_each_knows_where_it_comes_from(tmp_path: Path) -> None:
    file = written(tmp_path, "mine.toml", 'extends = "laptop-gpu"\n[voice]\nrate = 300\n')
    settled = settle(file, None, ["vision.n_batch=64", "transcriber.language=zh"], not_looked)
    assert settled.config.vision.model == "qwen3-vl-4b"
    assert isinstance(settled.config.vision, VisionConfig)
    assert settled.config.vision.n_batch == 64
    assert settled.config.vision.image_tokens == 384
    assert settled.config.transcriber.language == "zh"
    origins = {key: origin(settled, key) for key in ("vision.model", "vision.image_tokens", "vision.n_batch", "voice.rate")}
    assert origins == {
        "vision.model": "profile laptop-gpu",
        "vision.image_tokens": "profile base",
        "vision.n_batch": "--set",
        "voice.rate": f"file {file}",
    }
    assert origin(settled, "camera.source") == origin(settled, "voice.kind") == "default"
    assert str(settled.profile) == f'profile = "laptop-gpu" (file {file})'


def test_another_kind_leaves_nothing_of_the_section_below(tmp_path: Path) -> None:
    lower = written(tmp_path, "lower.toml", '[voice]\nkind = "espeak"\npitch = 30\nrate = 250\n')
    upper = written(tmp_path, "upper.toml", 'extends = "./lower.toml"\n[voice]\nkind = "kokoro"\nvolume = 80\n')
    assert settle(upper, None, (), not_looked).config.voice == KokoroVoiceConfig(kind="kokoro", volume=80)
    again = settle(upper, None, ["voice.kind=espeak"], not_looked)
    assert again.config.voice == EspeakVoiceConfig()
    assert origin(again, "voice.pitch") == "default"
    assert settle(lower, None, ["voice.kind=espeak"], not_looked).config.voice == EspeakVoiceConfig(pitch=30, rate=250)


SERVER = '[vision]\nkind = "openai"\naddress = "http://10.0.0.5:8000/v1"\nmodel = "qwen3-vl-8b"\n'


@pytest.mark.parametrize("profile", [*profiles.names(), AUTO])
def test_who_names_a_server_for_the_model_may_extend_any_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: str
) -> None:
    here(monkeypatch, tmp_path / "models")
    file = written(tmp_path, "mine.toml", f'extends = "{profile}"\n{SERVER}')
    settled = settle(file, None, (), lambda: GAMER)
    assert settled.config.vision == OpenAiVisionConfig(kind="openai", address="http://10.0.0.5:8000/v1", model="qwen3-vl-8b")
    assert not settled.replaced
    assert "not here" not in settled.news["en"]
    assert origin(settled, "vision.kind") == origin(settled, "vision.model") == f"file {file}"
    assert origin(settled, "vision.preset") == "default"
    assert not any(value.key == "vision.n_ctx" for value in settled.values)


def test_a_server_and_a_model_of_this_machine_are_exchanged_on_the_command_line(tmp_path: Path) -> None:
    file = written(tmp_path, "mine.toml", f'extends = "laptop-gpu"\n{SERVER}')
    back = settle(file, None, ["vision.kind=llama", "vision.model=qwen3-vl-2b"], not_looked)
    assert back.config.vision == VisionConfig(model="qwen3-vl-2b")
    there = ["vision.kind=openai", "vision.address=http://127.0.0.1:1/v1", "vision.model=a/b", "vision.max_tokens=64"]
    assert settle(None, "laptop-gpu", there, not_looked).config.vision == OpenAiVisionConfig(
        kind="openai", address="http://127.0.0.1:1/v1", model="a/b", max_tokens=64
    )
    with pytest.raises(ConfigError) as caught:
        settle(file, None, ["vision.n_ctx=1024"], not_looked)
    assert caught.value.detail == "--set: vision.n_ctx: there is no such setting"


def test_lists_are_replaced_whole(tmp_path: Path) -> None:
    file = written(tmp_path, "mine.toml", '[[buttons]]\nkind = "command"\n[[buttons]]\nkind = "gpio"\nline = 4\n')
    settled = settle(file, None, ['buttons=[{kind="terminal"}]'], not_looked)
    assert [button.kind for button in settled.config.buttons] == ["terminal"]
    assert origin(settled, "buttons.0.kind") == "--set"


def test_paths_are_relative_to_the_file_they_stand_in_in_every_layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "low/low.toml", '[voice]\nkind = "piper"\nenglish = "joe.onnx"\n[speaker]\nkind = "file"\npath = "a.wav"\n')
    file = written(tmp_path, "up/up.toml", 'extends = "../low/low.toml"\n[vision]\nmodel = "own.gguf"\n')
    config = settle(file, None, ["speaker.path=out/b.wav"], not_looked).config
    assert isinstance(config.voice, PiperVoiceConfig)
    assert config.voice.english.resolve() == tmp_path / "low/joe.onnx"
    assert config.vision.model == str(tmp_path / "up/own.gguf")
    assert config.speaker == FileSpeakerConfig(kind="file", path=tmp_path / "out/b.wav")


def test_mistakes_of_all_layers_are_told_at_once_each_with_its_place(tmp_path: Path) -> None:
    lower = written(tmp_path, "lower.toml", "[vision]\nn_ctx = 1024\nthreads = -1\n[visoin]\nmodel = 1\n")
    upper = written(tmp_path, "upper.toml", 'extends = "./lower.toml"\n[voice]\nkind = "piper"\n[start]\nkind = "snap"\n')
    with pytest.raises(ConfigError) as caught:
        settle(upper, None, ["earcons.volume=loud", "a.b.c=1", "buttons=[{kind='gpio'}]", "vision.threads=2"], not_looked)
    lines = caught.value.detail.splitlines()
    for place, key in (
        (f"file {lower}", "vision.threads"),
        (f"file {lower}", "visoin"),
        (f"file {upper}", "voice.english"),
        (f"file {upper}", "start"),
        ("--set", "earcons.volume"),
        ("--set", "a"),
        ("--set", "buttons.0.line"),
    ):
        assert any(line.startswith(f"{place}: {key}: ") for line in lines), (place, key, lines)
    assert len(lines) == 7
    assert f"file {lower}: visoin: there is no such setting" in lines


def test_values_that_do_not_go_together_are_told_with_all_their_places() -> None:
    with pytest.raises(ConfigError) as caught:
        settle(None, "laptop-cpu", ["vision.n_ctx=512"], not_looked)
    assert caught.value.detail.startswith("profile base, profile laptop-cpu, --set: vision: n_ctx must be at least 712")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("300", 300),
        ('"a b"', "a b"),
        ("on-speech", "on-speech"),
        ("true", True),
        ("", ""),
        ("a\nb = 1", "a\nb = 1"),
        ("[1, 2]", [1, 2]),
    ],
)
def test_a_value_on_the_command_line_is_toml_or_a_bare_word(text: str, value: object) -> None:
    assert profiles.from_command_line([f" a . b ={text}"]).table == {"a": {"b": value}}


def test_what_is_no_setting_on_the_command_line_is_told_all_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        settle(None, "practice", ["voice.rate", ".a=1", "voice.rate=300"], not_looked)
    assert [line.split(": ")[0] for line in caught.value.detail.splitlines()] == ["--set voice.rate", "--set .a=1"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('extends = "./mine.toml"', "which extends it in turn"),
        ('extends = "./other.toml"', "which extends it in turn"),
        ('extends = "lapton"', "there is no profile 'lapton'; there are: base, "),
        ('extends = "./gone.toml"', "gone.toml"),
        ("extends = 3", "mine.toml: extends: "),
    ],
)
def test_what_cannot_be_extended_is_told(tmp_path: Path, text: str, told: str) -> None:
    written(tmp_path, "other.toml", 'extends = "./mine.toml"')
    with pytest.raises(ConfigError) as caught:
        settle(written(tmp_path, "mine.toml", text), None, (), not_looked)
    assert told in caught.value.detail


def test_a_profile_of_the_command_line_takes_the_place_of_what_a_file_extends(tmp_path: Path) -> None:
    file = written(tmp_path, "mine.toml", 'extends = "macbook"\n[voice]\nrate = 300\n')
    settled = settle(file, "practice", (), not_looked)
    assert settled.config.vision.model == PRACTICE
    assert settled.config.voice.rate == 300
    assert str(settled.profile) == 'profile = "practice" (--profile)'


def test_a_file_that_extends_nothing_stands_by_itself(tmp_path: Path) -> None:
    settled = settle(written(tmp_path, "mine.toml", ""), None, (), not_looked)
    assert settled.profile.value is None
    assert settled.news == {"en": "", "zh": ""}


def test_the_profile_for_this_machine_is_told_while_it_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here(monkeypatch, tmp_path / "models", "qwen3-vl-4b", "qwen3-vl-2b")
    settled = settle(None, None, (), lambda: GAMER)
    assert settled.config.vision.model == "qwen3-vl-4b"
    assert settled.news == {"en": "Profile laptop with a graphics card.", "zh": "配置：带显卡的笔记本电脑。"}
    assert str(settled.profile) == 'profile = "laptop-gpu" (hardware)'
    own = written(tmp_path, "mine.toml", 'extends = "auto"\n[voice]\nrate = 300\n')
    assert settle(own, None, (), lambda: LAPTOP).config.vision.model == "qwen3-vl-2b"


def test_a_newcomer_gets_the_practice_model_and_is_told_which_one_to_fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here(monkeypatch, tmp_path)
    settled = settle(None, None, ["voice.rate=300"], lambda: LAPTOP)
    assert settled.config == settle(None, PRACTICE, ["voice.rate=300"], not_looked).config
    assert settled.news["en"] == (
        "The model qwen3-vl-2b is not here yet: assistant models get qwen3-vl-2b. I use the practice model."
    )
    assert str(settled.profile) == 'profile = "practice" (hardware)'


def test_a_smaller_model_that_is_here_is_better_than_the_practice_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here(monkeypatch, tmp_path, "qwen3-vl-2b", "qwen3-vl-8b")
    settled = settle(None, None, (), lambda: GAMER)
    assert settled.config.vision.model == "qwen3-vl-2b"
    assert isinstance(settled.config.vision, VisionConfig)
    assert settled.config.vision.gpu_layers == -1
    assert origin(settled, "vision.model") == "qwen3-vl-4b is not here"
    assert settled.news["en"].endswith("I use qwen3-vl-2b.")


def test_a_model_that_was_asked_for_is_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here(monkeypatch, tmp_path / "models")
    assert settle(None, None, ["vision.model=qwen3-vl-8b"], lambda: LAPTOP).config.vision.model == "qwen3-vl-8b"
    assert settle(None, "laptop-cpu", (), not_looked).config.vision.model == "qwen3-vl-2b"
    monkeypatch.setenv(settings.VARIABLE, "laptop-cpu")
    settled = settle(None, None, (), not_looked)
    assert settled.config.vision.model == "qwen3-vl-2b"
    assert str(settled.profile) == 'profile = "laptop-cpu" (ASSISTANT_PROFILE)'
    assert settled.news["en"] == ""


def test_config_show_has_a_plain_line_for_each_value(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["config", "show", "--profile", "laptop-cpu", "--set", "voice.rate=300"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == 'profile = "laptop-cpu" (--profile)'
    assert 'vision.model = "qwen3-vl-2b" (profile base)' in lines
    assert "voice.rate = 300 (--set)" in lines
    assert "vision.mmproj is empty (default)" in lines
    assert all(line.isprintable() for line in lines)


def test_config_show_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["config", "show", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["vision.threads"] == {"value": 1, "origin": "profile practice"}
    assert shown["profile"] == {"value": "practice", "origin": "ASSISTANT_PROFILE"}


def test_config_profiles_has_a_line_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["config", "profiles"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[0] for line in lines] == profiles.names()


def test_mistakes_are_printed_with_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["config", "show", "--set", "voice.rat=1"]) == 1
    assert capsys.readouterr().err.splitlines()[0] == "--set: voice.rat: there is no such setting"


def test_the_profiles_travel_with_the_package(tmp_path: Path) -> None:
    build = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
    pytest.importorskip("hatchling")
    built = subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True)
    with zipfile.ZipFile(tmp_path / built.stdout.split()[-1]) as wheel:
        wheel.extractall(tmp_path / "installed")
    assert (tmp_path / "installed/assistant/configs/base.toml").is_file()
    show = "from assistant import profiles; print(profiles.CONFIGS); print(*profiles.names())"
    told = subprocess.run([sys.executable, "-c", show], cwd=tmp_path / "installed", capture_output=True, text=True, check=True)
    assert told.stdout.split() == [str(tmp_path / "installed/assistant/configs"), *profiles.names()]
