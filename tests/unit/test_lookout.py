import numpy as np

from assistant.turn.description import Length
from assistant.turn.lookout import Lookout
from assistant.types import Frame


def scene(seed: int) -> Frame:
    cells = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Frame(np.kron(cells, np.ones((16, 16, 1), np.uint8)), 0.0)


def walked(lookout: Lookout, seeds: list[int], *, took: float = 0.5, since: float = 0.0) -> list[tuple[float, Length]]:
    """Show these scenes, two a second, and look when it says so; return when and how."""
    looks = []
    for number, seed in enumerate(seeds):
        at = since + number / 2
        if length := lookout.glimpse(scene(seed), at):
            looks.append((at, length))
            lookout.looked(scene(seed), length, at, took)
    return looks


def test_a_still_scene_is_described_once_at_length() -> None:
    lookout = Lookout(0.5)
    assert walked(lookout, [1] * 100) == [(0.5, Length.LONG)]
    assert lookout.stood == 0.5
    lookout.glimpse(scene(2), 50.0)
    assert lookout.stood == 0.0


def test_while_things_move_it_looks_briefly_and_at_a_pace() -> None:
    looks = walked(Lookout(0.5), list(range(60)))
    assert {length for _, length in looks} == {Length.SHORT}
    assert min(np.diff([at for at, _ in looks])) >= 3
    assert len(looks) >= 9


def test_a_slow_machine_looks_less_often() -> None:
    looks = walked(Lookout(0.25), list(range(100)), took=4.0)
    assert set(np.diff([at for at, _ in looks])) == {16.0}


def test_what_has_come_to_rest_is_described_at_length_once() -> None:
    looks = walked(Lookout(0.5), [*range(8), *[8] * 40])
    assert [length for _, length in looks].count(Length.LONG) == 1
    assert looks[-1][1] is Length.LONG


def test_a_change_of_a_still_scene_is_looked_at() -> None:
    lookout = Lookout(0.5)
    walked(lookout, [1] * 20)
    looks = walked(lookout, [2] * 20, since=10.0)
    assert [length for _, length in looks] == [Length.SHORT, Length.LONG]


def test_what_was_forgotten_is_looked_at_again_but_not_sooner() -> None:
    lookout = Lookout(0.5)
    walked(lookout, [1, 1])
    lookout.forget()
    assert walked(lookout, [1] * 20, since=1.0) == [(3.5, Length.LONG)]
