"""The benchmark of hearing: what stops an answer, who is cut off while they think, and what is misheard in noise.

Silero, smart-turn, Whisper and the product's own rules, on synthetic voices and, where they can be had, recorded people and rooms.
Time is counted in sound, so how busy the machine is changes nothing but how long this takes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from hearing import cut_offs, interruptions, recognition
from hearing.recordings import recordings
from hearing.voices import people

from assistant.engines.smart_turn_detector import SmartTurnDetector
from assistant.engines.whisper_transcriber import WhisperTranscriber
from assistant.models.catalogue import turn_file, whisper_folder

PARTS = ("interruptions", "cut-offs", "recognition")


def configure(command: argparse.ArgumentParser) -> None:
    """Say what the command line may say."""
    command.add_argument("--only", choices=PARTS, help="one part of it; all of them by default")
    command.add_argument("--questions", type=int, default=100, help="how many with a pause, and as many without")
    command.add_argument("--noisy", type=int, default=20, help="how many questions are asked in each noise")
    command.add_argument("--piper", type=Path, metavar="ONNX", help="an English Piper voice, to speak some of the questions")


def run(given: argparse.Namespace) -> dict[str, str | float]:
    """Measure, print what comes out, and return the figures under their stable names."""
    persons, recorded = people(given.piper), recordings()
    names = ", ".join(person.name for person in persons)
    print(f"voices: {names}; recordings of people: {len(recorded.people)}", flush=True)
    report: dict[str, str | float] = {"voices": names, "recorded_people": len(recorded.people)}
    wanted = (given.only,) if given.only else PARTS
    if "interruptions" in wanted:
        report |= interruptions.measure(persons, recorded)
    if wanted == ("interruptions",):
        return report
    transcriber = WhisperTranscriber(whisper_folder("whisper-base"), "auto", 0)
    if "cut-offs" in wanted:
        report |= {"questions": given.questions}
        report |= cut_offs.measure(persons, given.questions, SmartTurnDetector(turn_file()), transcriber)
    if "recognition" in wanted:
        report |= recognition.measure(persons, recorded, given.noisy, transcriber, whisper_folder("whisper-base"))
    return report
