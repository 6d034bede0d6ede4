"""Time with signs of life."""

from docreview.decisions.clock import STILL_S, Clock


def test_pauses_are_left_out():
    clock = Clock()
    clock.on("a", 100.0)
    clock.tick(120.0)
    clock.tick(125.0)
    clock.tick(125.0 + 3600)
    assert clock.read(125.0 + 3600 + 5) == 20 + 5 + STILL_S + 5


def test_another_thing_starts_anew_and_the_same_goes_on():
    clock = Clock()
    clock.on("a", 0.0)
    clock.on("a", 10.0)
    clock.on("b", 15.0)
    assert clock.read(18.5) == 3.5
    clock.on("b", 20.0)
    assert clock.read(21.0) == 2.5, "what was decided once and is looked at again counts from there"


def test_a_clock_that_was_never_started_reads_nothing():
    assert Clock().read(5.0) == 0.0


def test_time_that_goes_backwards_does_not_count():
    clock = Clock()
    clock.on("a", 10.0)
    clock.tick(5.0)
    assert clock.read(6.0) == 1.0
