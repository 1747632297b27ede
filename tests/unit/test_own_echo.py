import pytest

from assistant.turn.own_echo import ECHO_TAIL, BargeIn, OwnEcho

BLOCK = 0.1


def test_where_it_hears_itself_it_is_deaf_until_the_last_of_its_sound_is_over() -> None:
    echo = OwnEcho("off")
    assert not echo.covers(BLOCK, speaking=False)
    assert [(echo.covers(BLOCK, speaking=True), echo.fades) for _ in range(2)] == [(True, False)] * 2
    after = [(echo.covers(BLOCK, speaking=False), echo.fades) for _ in range(5)]
    assert after == [(True, True), (True, False), (True, False), (False, False), (False, False)]
    assert pytest.approx(3 * BLOCK) == ECHO_TAIL


def test_it_may_speak_again_meanwhile() -> None:
    echo = OwnEcho("off")
    covered = [echo.covers(BLOCK, speaking=speaking) for speaking in (True, False, True, False, False, False, False)]
    assert covered == [True] * 6 + [False]


@pytest.mark.parametrize("barge_in", ["auto", "voice"])
def test_where_it_does_not_everything_is_listened_to(barge_in: BargeIn) -> None:
    echo = OwnEcho(barge_in)
    assert echo.probing == (barge_in == "auto")
    assert not echo.covers(BLOCK, speaking=True)
    assert not echo.covers(BLOCK, speaking=False)
    echo.heard = True
    assert echo.covers(BLOCK, speaking=True)
