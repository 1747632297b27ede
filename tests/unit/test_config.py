from pathlib import Path

import pydantic
import pytest

from assistant.config import (
    CommandButtonConfig,
    Config,
    EvdevButtonConfig,
    FileSpeakerConfig,
    GpioButtonConfig,
    OpenAiVisionConfig,
    PiperVoiceConfig,
    ServeConfig,
    TerminalButtonConfig,
    VisionConfig,
    WakeWordStartConfig,
)
from assistant.errors import ConfigError
from assistant.settings import settle
from tests.unit.test_profiles import not_looked


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def load(path: Path) -> Config:
    return settle(path, None, (), not_looked).config


def test_an_empty_file_is_a_valid_configuration(tmp_path: Path) -> None:
    assert load(write(tmp_path, "")) == Config()


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, '[camera]\nsource = true\n[vision]\nn_ctx = 100000\n[voice]\nkind = "espeak"\nrat = 200\n')
    with pytest.raises(ConfigError) as caught:
        load(path)
    lines = caught.value.detail.splitlines()
    assert len(lines) == 3
    for key in ("camera.source", "vision.n_ctx", "voice.rat"):
        assert any(line.startswith(f"file {path}: {key}: ") for line in lines)


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


def test_the_number_of_a_camera_needs_no_quotes(tmp_path: Path) -> None:
    assert load(write(tmp_path, "[camera]\nsource = 2\n")).camera.source == "2"


def test_a_section_without_its_kind_is_of_the_usual_one(tmp_path: Path) -> None:
    assert load(write(tmp_path, "[voice]\nrate = 300\n")).voice.rate == 300


def test_the_home_folder_of_nobody_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"microphone\.path: the home folder"):
        load(write(tmp_path, '[microphone]\nkind = "file"\npath = "~nobody-of-that-name/a.wav"\n'))


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
    with pytest.raises(ConfigError, match=r"buttons\.0\.key: .*evtest"):
        load(write(tmp_path, '[[buttons]]\nkind = "evdev"\ndevice = "Pedal"\nkey = "SPACEBAR"\n'))


def test_adapters_are_found_beside_the_file_that_names_them(tmp_path: Path) -> None:
    path = write(tmp_path, '[vision]\nlora = [{ path = "kitchen.gguf", scale = 0.8 }, { path = "/far/signs.gguf" }]\n')
    vision = load(path).vision
    assert isinstance(vision, VisionConfig)
    adapters = vision.lora
    assert [(lora.path, lora.scale) for lora in adapters] == [(tmp_path / "kitchen.gguf", 0.8), (Path("/far/signs.gguf"), 1.0)]


def test_a_model_is_on_this_machine_unless_a_server_is_named(tmp_path: Path) -> None:
    assert load(write(tmp_path, "[vision]\nn_ctx = 1024\n")).vision == VisionConfig(n_ctx=1024)
    text = '[vision]\nkind = "openai"\naddress = "http://10.0.0.5:8000/v1/"\nmodel = "Qwen/Qwen3-VL-8B"\nkey_file = "key"\n'
    assert load(write(tmp_path, text)).vision == OpenAiVisionConfig(
        kind="openai", address="http://10.0.0.5:8000/v1", model="Qwen/Qwen3-VL-8B", key_file=tmp_path / "key"
    )


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('address = "http://a/v1"', "vision.model: Field required"),
        ('model = "m"', "vision.address: Field required"),
        ('address = "a:8000/v1"\nmodel = "m"', "vision.address: an address must look like"),
        ('address = "ftp://a/v1"\nmodel = "m"', "vision.address: an address must look like"),
        ('address = "http:///v1"\nmodel = "m"', "vision.address: an address must look like"),
        ('address = "http://a:port/v1"\nmodel = "m"', "vision.address: "),
        ('address = "http://[a/v1"\nmodel = "m"', "vision.address: "),
        ('address = "http://me:secret@a/v1"\nmodel = "m"', "vision.address: only host, port and path"),
        ('address = "http://a/v1?key=secret"\nmodel = "m"', "vision.address: only host, port and path"),
        ('address = "http://a/v1"\nmodel = ""', "vision.model: "),
        ('address = "http://a/v1"\nmodel = "m"\nkey = "secret"', "vision.key: there is no such setting"),
        ('address = "http://a/v1"\nmodel = "m"\nn_ctx = 1024', "vision.n_ctx: there is no such setting"),
        ('address = "http://a/v1"\nmodel = "m"\npatience = 0', "vision.patience: "),
    ],
)
def test_a_mistake_about_a_server_is_told_and_no_secret_with_it(tmp_path: Path, lines: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, f'[vision]\nkind = "openai"\n{lines}\n'))
    (line,) = caught.value.detail.splitlines()
    assert told in line
    assert "secret" not in line


def test_what_is_encrypted_is_for_others_unless_an_address_is_given() -> None:
    assert ServeConfig().host == "127.0.0.1"
    assert ServeConfig(https=True).host == "0.0.0.0"  # noqa: S104 - not bound to
    assert ServeConfig(https=True, host="127.0.0.1").host == "127.0.0.1"
