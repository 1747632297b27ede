from pathlib import Path

import pydantic
import pytest

from assistant.config import (
    CommandButtonConfig,
    Config,
    EvdevButtonConfig,
    FileSpeakerConfig,
    GpioButtonConfig,
    PiperVoiceConfig,
    TerminalButtonConfig,
    WakeWordStartConfig,
    load,
)
from assistant.errors import ConfigError

CONFIGS = Path(__file__).parents[2] / "configs"


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_file_is_a_valid_configuration(tmp_path: Path) -> None:
    assert load(write(tmp_path, "")) == Config()


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.name)
def test_every_shipped_configuration_is_valid(path: Path) -> None:
    assert isinstance(load(path), Config)


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, '[camera]\nsource = 3\n[vision]\nn_ctx = 100000\n[voice]\nkind = "espeak"\nrat = 200\n')
    with pytest.raises(ConfigError) as caught:
        load(path)
    lines = caught.value.detail.splitlines()
    assert len(lines) == 3
    for key in ("camera.source", "vision.n_ctx", "voice.espeak.rat"):
        assert any(key in line for line in lines)


def test_what_can_never_fit_into_the_context_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="n_ctx must be at least 1280"):
        load(write(tmp_path, "[vision]\nn_ctx = 1024\nimage_tokens = 512\nmax_tokens = 512\n"))


def test_paths_are_relative_to_the_file_they_stand_in(tmp_path: Path) -> None:
    text = (
        '[speaker]\nkind = "file"\npath = "answer.wav"\n[voice]\nkind = "piper"\nenglish = "~/joe.onnx"\n'
        '[camera]\nsource = "films/a.mp4"\n[vision]\nmodel = "own.gguf"\n[transcriber]\nmodel = "whisper-tiny"\n'
    )
    config = load(write(tmp_path, text))
    assert isinstance(config.speaker, FileSpeakerConfig)
    assert config.speaker.path == tmp_path / "answer.wav"
    assert isinstance(config.voice, PiperVoiceConfig)
    assert config.voice.english == Path.home() / "joe.onnx"
    assert config.camera.source == str(tmp_path / "films/a.mp4")
    assert config.vision.model == str(tmp_path / "own.gguf")
    assert config.transcriber.model == "whisper-tiny"


@pytest.mark.parametrize("text", ["[camera", "\x00"])
def test_a_file_that_is_no_toml_is_a_config_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml"):
        load(write(tmp_path, text))


def test_a_missing_file_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        load(tmp_path / "nowhere.toml")


def test_a_configuration_never_changes() -> None:
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        Config().camera.source = "1"  # type: ignore[misc]


@pytest.mark.parametrize("source", ["0", "USB Camera", "http://10.0.0.2/video", "rtsp://cam/1"])
def test_a_camera_that_is_no_file_is_left_as_it_is(tmp_path: Path, source: str) -> None:
    assert load(write(tmp_path, f'[camera]\nsource = "{source}"\n')).camera.source == source


def test_ways_to_start_and_buttons(tmp_path: Path) -> None:
    text = (
        '[start]\nkind = "wake-word"\nmodel = "own.onnx"\n[[buttons]]\nkind = "command"\n'
        '[[buttons]]\nkind = "evdev"\ndevice = "Headset"\nkey = "KEY_PLAYPAUSE"\n[[buttons]]\nkind = "gpio"\nline = "GPIO17"\n'
    )
    config = load(write(tmp_path, text))
    assert config.start == WakeWordStartConfig(kind="wake-word", model=str(tmp_path / "own.onnx"), threshold=0.5, follow_up=8.0)
    evdev = EvdevButtonConfig(kind="evdev", device="Headset", key="KEY_PLAYPAUSE")
    assert config.buttons == (CommandButtonConfig(), evdev, GpioButtonConfig(kind="gpio", line="GPIO17"))


def test_without_buttons_there_are_the_terminal_and_the_command(tmp_path: Path) -> None:
    assert Config().buttons == (TerminalButtonConfig(), CommandButtonConfig())
    assert load(write(tmp_path, "buttons = []\n")).buttons == ()


def test_a_key_that_does_not_exist_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"buttons\.0\.evdev\.key: .*evtest"):
        load(write(tmp_path, '[[buttons]]\nkind = "evdev"\ndevice = "Pedal"\nkey = "SPACEBAR"\n'))


def test_adapters_are_found_beside_the_file_that_names_them(tmp_path: Path) -> None:
    path = write(tmp_path, '[vision]\nlora = [{ path = "kitchen.gguf", scale = 0.8 }, { path = "/far/signs.gguf" }]\n')
    adapters = load(path).vision.lora
    assert [(lora.path, lora.scale) for lora in adapters] == [(tmp_path / "kitchen.gguf", 0.8), (Path("/far/signs.gguf"), 1.0)]
