"""Texts made to be slow: the verdict is right, and no road through them is exponential."""

import pytest

from rmanalytics.dlt import PRESETS, Template
from rmanalytics.dlt.engine.matcher import matcher

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
    assert (fault.reason, fault.position, len(fault.actual)) == ("different_text", 0, 4000)
    assert fault.fix.startswith("1,048,576 characters are too long for an SMS")


@pytest.mark.parametrize("content, text, fits", HOSTILE.values(), ids=HOSTILE)
def test_laxer_presets(content, text, fits):
    """Every preset comes to a verdict, and none that is laxer turns a match down."""
    template = Template(template_id="1107000000000000001", content=content)
    passing = {name for name, policy in PRESETS.items() if matcher(template, policy).fits(text)}
    assert not fits or passing >= set(PRESETS) - {"limit_20", "no_pooling"}
