"""Texts made to be slow: the verdict is right, and no path through them is exponential."""

import sys

import pytest

from rmanalytics.dlt import PRESETS, Policy, Template
from rmanalytics.dlt.engine.matcher import matcher
from rmanalytics.dlt.engine.skeleton import MOST_SLOTS

V, N, A = "{#var#}", "{#numeric#}", "{#alphanumeric#}"

HOSTILE = {
    "spaces, and the end is wrong": (" ".join([V] * 20) + " end", "a " * 700 + "enx", False),
    "spaces, and a value is too long": (" ".join([V] * 20) + " end", "ab " * 498 + "end", False),
    "one letter 1500 times": ("a".join([V] * 20) + "a", "a" * 1500, False),
    "one letter, as long as it may be": ("a".join([V] * 20) + "a", "a" * 620, True),
    "one letter too many": ("a".join([V] * 20) + "a", "a" * 621, False),
    "blocks that nearly fit": (("a" * 30 + "b").join([V] * 20) + "a", ("a" * 45 + "b") * 32, False),
    "digits, and a letter at the end": (
        " ".join([N] * 20) + ".",
        " ".join(["1" * 40] * 20)[:-1] + "x.",
        False,
    ),
    "letters on both sides": ("a".join([A] * 20) + ".", "a" * 1500 + ".", False),
    "mixed tags side by side": ((N + A + V) * 7 + "z", "1" * 1000 + "y", False),
    "addresses": ("@".join(["{#email#}"] * 20) + ".", "a@b.c" * 300 + ".", False),
    "links": ("w".join(["{#url#}"] * 20) + ".", "www." * 375, False),
}


@pytest.mark.parametrize("content, text, fits", HOSTILE.values(), ids=HOSTILE)
def test_strict(content, text, fits):
    """Twenty slots and fifteen hundred characters have a verdict and, where they do not fit, an explanation."""
    template = Template(template_id="1107000000000000001", content=content)
    assert template.fits(text) is fits
    assert template.explain(text).fits is fits


HUGE = {
    "a letter": "a" * (1 << 20),
    "spaces": " " * (1 << 20),
    "pairs": "a-" * (1 << 19),
    "NULs": "\0" * (1 << 20),
}


@pytest.mark.parametrize("name", ["strict", "kaleyra", "lenient"])
@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_a_megabyte_of_text(text, name):
    """A text no gateway would take has one fault, that shows only its beginning."""
    template = Template(template_id="1107000000000000001", content="Hi " + "-".join([V, A] * 10) + " bye")
    (fault,) = template.explain(text, PRESETS[name]).faults
    assert (fault.reason, fault.position, len(fault.actual)) == ("different_text", 0, 2000)
    assert fault.fix.startswith("1,048,576 characters are too long for an SMS")


@pytest.mark.parametrize("content, text, fits", HOSTILE.values(), ids=HOSTILE)
def test_laxer_presets(content, text, fits):
    """Every preset comes to a verdict, and none that is laxer turns a match down."""
    template = Template(template_id="1107000000000000001", content=content)
    passing = {name for name, policy in PRESETS.items() if matcher(template, policy).fits(text)}
    assert not fits or passing >= set(PRESETS) - {"limit_20", "no_pooling"}


U, M, C = "{#url#}", "{#email#}", "{#cbn#}"
LARGE = {
    "plain slots between letters": "a".join([V] * MOST_SLOTS) + "a",
    "typed slots between letters": "a".join([A] * MOST_SLOTS) + ".",
    "telephone numbers between digits": "1".join([C] * MOST_SLOTS),
    "links": "w".join([U] * MOST_SLOTS) + ".",
    "addresses": "@".join([M] * MOST_SLOTS) + ".",
    "every tag": "".join(part + "ab"[n % 2] for n, part in enumerate([N, A, V, M, U, C] * (MOST_SLOTS // 6))),
    "sentences with slots": ("word text that is longer " + V + " and ") * (MOST_SLOTS // 2),
    "one long sentence": "account order " * 140 + V,
    "one letter": "a" * 1900 + V + "b",
}
LONG = {
    "nothing": "x",
    "one letter": "a" * 2000,
    "one digit": "1" * 2000,
    "letters and blanks": "a " * 999 + "x",
    "addresses": "a@b.c" * 400,
    "links": "www." * 500,
    "words": "word text that hello and " * 79 + "!",
    "blocks of a letter": ("a" * 45 + "b") * 43,
    "Indic letters": "\u0905" * 2000,
    "a megabyte": "a-" * (1 << 19),
}
MOST_LINES = 100_000
"""Lines of Python that one explanation may take: some 20 ms, numpy's work left out. A usual one takes some 700."""


def lines_of(template: Template, text: str, policy: Policy) -> int:
    """Return how many lines of Python run while the text is explained."""
    n, before = 0, sys.gettrace()

    def count(_frame, event, _argument):
        nonlocal n
        n += event == "line"
        return count

    sys.settrace(count)
    try:
        template.explain(text, policy)
    finally:
        sys.settrace(before)
    return n


@pytest.mark.parametrize("name", ["strict", "kaleyra", "lenient", "msg91", "shared_allowance"])
@pytest.mark.parametrize("content", LARGE.values(), ids=LARGE)
def test_no_explanation_takes_long(content, name):
    """As many slots as a registry may have and as long a text as an SMS may be take a bounded number of steps."""
    template, policy = Template(template_id="1107000000000000001", content=content[:4000]), PRESETS[name]
    template.explain("warm", policy)
    steps = {title: lines_of(template, text, policy) for title, text in LONG.items()}
    assert max(steps.values()) <= MOST_LINES, steps


def test_what_is_too_long_to_align_has_its_place():
    """Where too much differs to list it, the only fault says from where on."""
    content, text = "Dear {#var#}, " + "account order " * 100, "Dear Ravi, account order " + "zq" * 800
    (fault,) = Template(template_id="1107000000000000001", content=content).explain(text).faults
    assert (fault.reason, fault.position, fault.actual[:4]) == ("different_text", 25, "zqzq")
    assert content[fault.template_position :] == fault.expected
    assert "differs in too many places" in fault.fix
