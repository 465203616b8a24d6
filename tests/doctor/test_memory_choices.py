"""Which memory setting is the cheapest, the fastest, and the one to choose."""

from __future__ import annotations

from doctor.memory_choices import Choice, marked, settings_with

TIGHT = Choice(512, 4.0, 1.00, has_room=False)
USUAL = Choice(1024, 2.0, 1.10, has_room=True)
FAST = Choice(2048, 1.0, 1.20, has_room=True)
LARGE = Choice(3538, 1.0, 1.50, has_room=True)


def marks(*choices: Choice, stage_mib: int) -> dict[int, tuple[str, ...]]:
    return {choice.memory_mib: marks for choice, marks in marked(choices, stage_mib)}


def test_the_cheapest_need_not_have_room_and_the_advised_one_does() -> None:
    assert marks(TIGHT, USUAL, FAST, LARGE, stage_mib=3538) == {
        512: ("cheapest",),
        1024: ("advised",),
        2048: ("fastest",),
        3538: ("stage",),
    }


def test_of_prices_that_differ_by_noise_the_stages_is_the_cheapest() -> None:
    assert marks(USUAL, FAST._replace(usd=1.15), LARGE, stage_mib=2048) == {
        1024: (),
        2048: ("stage", "cheapest", "fastest", "advised"),
        3538: (),
    }


def test_of_prices_that_differ_by_noise_and_are_not_the_stages_the_fastest_is_the_cheapest() -> (
    None
):
    assert marks(USUAL, FAST._replace(usd=1.15), LARGE, stage_mib=3538) == {
        1024: (),
        2048: ("cheapest", "fastest", "advised"),
        3538: ("stage",),
    }


def test_where_nothing_has_room_nothing_is_advised() -> None:
    assert marks(TIGHT, stage_mib=512) == {512: ("stage", "cheapest", "fastest")}


def test_the_stages_own_setting_is_among_them() -> None:
    assert 1000 in settings_with(1000)
    assert settings_with(1024) == settings_with(512)
