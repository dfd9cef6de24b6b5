"""Profiles: presets and files, shares kept, mistakes named."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from rmanalytics.errors import BadInput
from rmanalytics.simulator import draws, fate, operators, profile
from rmanalytics.simulator.profile import Chooser, Ending, Outcome, Profile

N = 20_000


@pytest.mark.parametrize("name", profile.presets())
def test_preset_shares(name: str) -> None:
    """Over all draws each outcome has its share: restricted ones their own, the others of what is left."""
    chosen = profile.load(name)
    chooser = Chooser(chosen)
    for operator in ("", "Jio", "Vi"):
        place = "domestic" if operator else "international"
        narrow = {o: o.share for o in chosen.outcomes if o.only in {place, operator}}
        rest = 1 - sum(narrow.values())
        expected = narrow | {o: o.share * rest for o in chosen.outcomes if o.only is None}
        picked = Counter(chooser.pick((n + 0.5) / N, operator) for n in range(N))
        assert {o: picked[o] / N for o in expected} == pytest.approx(expected, abs=2 / N)


def test_a_file_of_the_user(tmp_path: Path) -> None:
    """A TOML file is a profile named after it."""
    path = tmp_path / "mine.toml"
    path.write_text('outcomes = [{ending="UNDELIV", share=0.4, code="20b"}, {ending="no_dlr", share=0.6}]\n')
    assert profile.load(str(path)) == Profile(
        name="mine",
        outcomes=(
            Outcome(ending=Ending.UNDELIV, share=0.4, code="20b"),
            Outcome(ending=Ending.NO_DLR, share=0.6),
        ),
    )


WRONG = {
    "shares that do not add up": (
        'outcomes = [{ending="DELIVRD", share=0.9}]',
        "the shares of outcomes without `only` sum to 0.9 and must sum to 1",
    ),
    "restricted shares over one": (
        'outcomes = [{ending="DELIVRD", share=1}, {ending="EXPIRED", share=0.6, only="Vi"},'
        ' {ending="EXPIRED", share=0.6, only="domestic"}]',
        "the shares of outcomes with `only` sum to 1.2, which is over 1",
    ),
    "an unknown ending": ('outcomes = [{ending="LOST", share=1}]', "outcomes.0.ending"),
    "an unknown field": ('outcomes = [{ending="DELIVRD", share=1, codes="0"}]', "outcomes.0.codes"),
    "a code with a blank": ('outcomes = [{ending="DELIVRD", share=1, code="a b"}]', "outcomes.0.code"),
    "an unknown operator": ('outcomes = [{ending="DELIVRD", share=1, only="Aircel"}]', "outcomes.0.only"),
    "no outcomes": ("queued_first = 0.5", "outcomes: is missing"),
    "no TOML": ("outcomes = [", "line 1: not readable as TOML: the last value is missing"),
    "a share that is none": (
        'outcomes = [{ending="DELIVRD", share=nan}]',
        "outcomes.0.share: has to be at most 1",
    ),
}


@pytest.mark.parametrize("text, fault", WRONG.values(), ids=WRONG)
def test_files_that_are_wrong(tmp_path: Path, text: str, fault: str) -> None:
    """A mistake is named with file and field."""
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        profile.load(str(path))
    assert str(path) in str(caught.value) and fault in str(caught.value)


NAMES = {
    "an unknown name": ("sunny", "unknown profile 'sunny': use bad-day, clean, default or a .toml file"),
    "a file that is missing": ("gone.toml", "gone.toml: cannot be read: No such file or directory"),
}


@pytest.mark.parametrize("name, text", NAMES.values(), ids=NAMES)
def test_names_that_are_wrong(name: str, text: str) -> None:
    """A profile that is not there is named with what is."""
    with pytest.raises(BadInput) as caught:
        profile.load(name)
    assert str(caught.value) == text


def test_delays_are_log_normal() -> None:
    """Half of the delays lie below the median, and about one in six above one sigma."""
    outcome = Outcome(ending=Ending.DELIVRD, share=1, median_s=5, sigma=0.9)
    delays = []
    for n in range(4000):
        u = draws.uniforms(draws.key(1, str(n)), "fate")
        delays.append(fate.by_outcome(outcome, u, 0).reports[0].delay_s)
    assert sum(delay < 5 for delay in delays) / 4000 == pytest.approx(0.5, abs=0.03)
    assert sum(delay > 5 * 2.4596 for delay in delays) / 4000 == pytest.approx(0.1587, abs=0.02)


def test_some_are_queued_first() -> None:
    """The share of finals that `queued_first` asks for has one queued report before."""
    outcome = Outcome(ending=Ending.DELIVRD, share=1, median_s=5)
    fates = [fate.by_outcome(outcome, draws.uniforms(draws.key(1, str(n)), "fate"), 0.3) for n in range(2000)]
    assert sum(len(each.reports) == 2 for each in fates) / 2000 == pytest.approx(0.3, abs=0.03)
    assert all(each.reports[0].delay_s <= each.reports[-1].delay_s for each in fates)


def test_operators_have_their_shares() -> None:
    """Indian numbers fall to the operators by market share, each with one of its own codes."""
    found = [operators.of_number(f"91980{n:07}", 1) for n in range(5000)]
    shares = Counter(operator.name for operator, _ in found)
    expected = {operator.name: operator.share for operator in operators.INDIAN}
    assert {name: n / 5000 for name, n in shares.items()} == pytest.approx(expected, abs=0.02)
    assert all(code in operator.codes for operator, code in found)
