"""Templates, the values their slots allow, and texts, for property tests."""

from hypothesis import settings
from hypothesis import strategies as st

from rmanalytics.dlt.policy import Counted, Ignored, Newlines, Policy, Pooling, Spaces
from rmanalytics.dlt.template import Template

LAW = settings(deadline=None)
"""The machine may be busy: no law depends on time."""

FIXED = "abcdefghij .,:-'\"()*+?[]\\^$|\nकखगा₹é😀"
VALUES = {
    "var": st.text("abcXYZ 0123456789.,-'\"\nकखा😀()*", min_size=1, max_size=30),
    "numeric": st.text("0123456789", min_size=1, max_size=40),
    "alphanumeric": st.text("abcXYZ0189कख", min_size=1, max_size=40),
    "url": st.builds(
        str.__add__, st.sampled_from(["http://", "https://", "www."]), st.text("abc./?=", min_size=1)
    ),
    "cbn": st.sampled_from(["1800 11 2233", "+919800000001", "040-123456"]),
    "email": st.sampled_from(["a@b.in", "first.last@shop.example"]),
}
FIXED_TEXT = st.text(FIXED, min_size=1, max_size=20)

SMALL = st.text("ab .-", max_size=14)
PIECES = ["a", "b", " ", ". ", "-", "'", "\n", "e\u0301", "{#var#}", "{#numeric#}", "{#alphanumeric#}"]
SMALL_CONTENT = st.lists(st.sampled_from(PIECES), max_size=7).map("".join)


@st.composite
def nearly_filled(draw):
    """Draw a small template and its text, with a few differences that some policy ignores."""
    pieces = draw(st.lists(st.sampled_from(PIECES), max_size=7))
    values = st.text("ab1 .-’\n", max_size=5)
    ignored = st.sampled_from(["", " ", "  ", ".", "\r\n", "-", "’", "A", "\u00e9"])
    text = [
        draw(values) if piece.startswith("{") else piece if draw(st.integers(0, 4)) else draw(ignored)
        for piece in pieces
    ]
    return Template(template_id="1", content="".join(pieces)), "".join(text)


@st.composite
def filled(draw, fixed=FIXED_TEXT, tags=tuple(VALUES)):
    """Draw a template and a text in which every slot has an allowed value."""
    content, text = "", ""
    for tag in draw(st.lists(st.sampled_from(tags), max_size=4)):
        piece, value = draw(fixed), draw(VALUES[tag])
        content, text = content + piece + f"{{#{tag}#}}", text + piece + value
    piece = draw(fixed)
    return Template(template_id="1107000000000000001", content=content + piece), text + piece


POLICIES = st.builds(
    Policy,
    var_limit=st.sampled_from([2, 3, 30]),
    typed_limit=st.sampled_from([2, 4, 40]),
    counted=st.sampled_from(Counted),
    pooling=st.sampled_from(Pooling),
    allow_empty=st.booleans(),
    alphanumeric_also=st.sampled_from(["", " ._/"]),
    alphanumeric_any=st.booleans(),
    ignored=st.sampled_from(Ignored),
    spaces=st.sampled_from(Spaces),
    newlines=st.sampled_from(Newlines),
    fold_case=st.booleans(),
    fold_quotes=st.booleans(),
    unicode_forms=st.booleans(),
    trim=st.booleans(),
)
