"""Segments: encoding, number and cut of parts, and what the characters outside GSM-7 cost."""

import pytest
import smsutil
from hypothesis import given, settings
from hypothesis import strategies as st

from rmanalytics.models import Encoding
from rmanalytics.sms import segments
from rmanalytics.sms.segments import BASIC, EXTENSION, Culprit, Segments

LAW = settings(deadline=None)
GSM7, UCS2 = Encoding.GSM7, Encoding.UCS2
COUNTS = {
    "empty is one part": ("", GSM7, 1),
    "160 septets": ("a" * 160, GSM7, 1),
    "161 septets": ("a" * 161, GSM7, 2),
    "two full parts": ("a" * 306, GSM7, 2),
    "two full parts and one more": ("a" * 307, GSM7, 3),
    "euro counts twice": ("€" * 80, GSM7, 1),
    "81 euros": ("€" * 81, GSM7, 2),
    "form feed is in the extension": ("\f", GSM7, 1),
    "line feed and carriage return are in GSM-7": ("a\r\nb", GSM7, 1),
    "an escape pair is never split": ("a" * 152 + "{" + "a" * 152 + "b", GSM7, 3),
    "an escape pair that ends a part": ("a" * 151 + "{" + "a" * 152 + "b", GSM7, 2),
    "backtick is outside": ("`", UCS2, 1),
    "escape itself is outside": ("\x1b", UCS2, 1),
    "rupee sign is outside": ("₹" + "a" * 69, UCS2, 1),
    "one curly quote doubles the bill": ("’" + "a" * 70, UCS2, 2),
    "134 units": ("न" * 134, UCS2, 2),
    "135 units": ("न" * 135, UCS2, 3),
    "Hindi": ("आपका ओटीपी 4821 है।", UCS2, 1),
    "35 emoji": ("😀" * 35, UCS2, 1),
    "36 emoji": ("😀" * 36, UCS2, 2),
    "a surrogate pair is never split": ("न" * 66 + "😀" + "न" * 66, UCS2, 3),
    "half a pair does not crash": ("\ud83d" * 71, UCS2, 2),
}


@pytest.mark.parametrize("text, encoding, n_segments", COUNTS.values(), ids=COUNTS)
def test_count(text, encoding, n_segments):
    """Each text has one encoding and one number of parts, and the cut agrees with the count."""
    assert (segments.encoding(text), segments.count(text)) == (encoding, n_segments)
    assert len(segments.split(text)) == n_segments


@LAW
@given(
    st.text(st.sampled_from(BASIC + EXTENSION + "’न😀"), max_size=400)
    | st.text(BASIC + EXTENSION, max_size=800)
)
def test_against_smsutil(text):
    """An independent library cuts every text into the same parts."""
    expected = smsutil.split(text)
    assert segments.split(text) == tuple(part.content for part in expected.parts)
    assert segments.count(text) == len(expected.parts)
    assert (segments.encoding(text) is GSM7) == (expected.encoding == "gsm0338" or not text)


@LAW
@given(st.text(max_size=400))
def test_parts_join_to_the_text(text):
    """No part loses or invents a character."""
    assert "".join(segments.split(text)) == text


def test_measure_names_what_forces_ucs2():
    """One curly quote in 100 characters is named, placed, and shown to cost a whole part."""
    text = "It’s on its way" + "." * 85
    assert segments.measure(text) == Segments(
        encoding=UCS2,
        parts=(text[:67], text[67:]),
        n_units=100,
        culprits=(
            Culprit(
                character="’", name="RIGHT SINGLE QUOTATION MARK", position=2, n_times=1, replacement="'"
            ),
        ),
        n_saved=1,
    )


PLAIN = {
    "GSM-7 stays": ("a{b}", "a{b}"),
    "quotes, dash, no-break space": ("“a” – b\u00a0c’s", '"a" - b c\'s'),
    "ellipsis and rupee sign": ("₹5…", "Rs.5..."),
    "an invisible character goes": ("a\u200bb", "ab"),
    "nothing is replaced where Hindi stays anyway": ("“नमस्ते”", "“नमस्ते”"),
}


@pytest.mark.parametrize("text, expected", PLAIN.values(), ids=PLAIN)
def test_plain(text, expected):
    """Look-alikes stand in only where they bring the text into GSM-7."""
    assert segments.plain(text) == expected


def test_every_lookalike_is_in_gsm7():
    """A replacement never forces UCS-2 itself, and no character of GSM-7 is replaced."""
    assert all(segments.encoding(text) is GSM7 for text in segments.LOOKALIKES.values())
    assert all(segments.encoding(text) is UCS2 for text in segments.LOOKALIKES)
