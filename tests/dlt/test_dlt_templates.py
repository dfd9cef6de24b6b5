"""Templates: slots, tags, what is reported about the template itself."""

import pytest

from rmanalytics.dlt import Policy, Tag, Template
from rmanalytics.dlt.template import FaultKind

ID = "1107000000000000001"
VAR, NUMERIC, ALPHANUMERIC = Tag.VAR, Tag.NUMERIC, Tag.ALPHANUMERIC

SLOTS = {
    "none": ("Thank you", (), ()),
    "the legacy placeholder": ("Hi {#var#}.", (), (VAR,)),
    "Vi's spelling": ("OTP {#numeric#}.", (), (NUMERIC,)),
    "Jio's spelling": ("OTP {#number#}.", (), (NUMERIC,)),
    "tags of three letters": (
        "{#num#} {#alp#} {#uro#} {#urg#}!",
        (),
        (NUMERIC, ALPHANUMERIC, Tag.URLOTT, Tag.URL),
    ),
    "every tag": (
        "{#alphanumeric#} {#url#} {#urlott#} {#cbn#} {#email#}!",
        (),
        (ALPHANUMERIC, Tag.URL, Tag.URLOTT, Tag.CBN, Tag.EMAIL),
    ),
    "a name given by a BSNL owner": ("{#OTP#} is your OTP for {#site name#}.", (), (VAR, VAR)),
    "types beside the text": ("{#var#} of {#var#}.", ("numeric", "alphanumeric"), (NUMERIC, ALPHANUMERIC)),
    "types beside the text in placeholder form": ("{#var#}.", ("{#number#}",), (NUMERIC,)),
    "a type in the text wins": ("{#numeric#}.", ("url",), (NUMERIC,)),
    "capitals are fixed text": ("Hi {#Var#}.", (), ()),
    "a numbered one is fixed text": ("Hi {#var1#}.", (), ()),
    "hashes alone are fixed text": ("Hi #VAR#.", (), ()),
    "regex characters are fixed text": ("a.*(b)? {#var#}$", (), (VAR,)),
}


@pytest.mark.parametrize("content, beside, slots", SLOTS.values(), ids=SLOTS)
def test_slots(content, beside, slots):
    """Each spelling of a placeholder is a slot of one tag, and nothing else is."""
    assert Template(template_id=ID, content=content, variable_tags=beside).slots == slots


def test_fixed_text_and_pooled_gaps():
    """Adjacent slots of one tag are one gap; fixed text keeps its place in the content."""
    template = Template(template_id=ID, content="Hi {#var#}{#var#}{#numeric#}, pay")
    assert list(template.literals) == [("Hi ", 0), ("", 17), (", pay", 28)]
    assert [(gap.tag, gap.first, gap.n_slots, gap.position) for gap in template.gaps] == [
        (VAR, 1, 2, 3),
        (NUMERIC, 3, 1, 17),
    ]


FAULTS = {
    "none": ("Dear {#var#}, your order is here. - ACME", (), []),
    "capitals": ("Hi {#Var#}, your order is here.", (), [(FaultKind.INVALID_PLACEHOLDER, 3, "{#Var#}")]),
    "one hash, before": ("Hi {#var}, your order.", (), [(FaultKind.INVALID_PLACEHOLDER, 3, "{#var}")]),
    "one hash, behind": ("Hi {var#}, your order.", (), [(FaultKind.INVALID_PLACEHOLDER, 3, "{var#}")]),
    "hashes alone": ("Hi #VAR#, your order is here.", (), [(FaultKind.INVALID_PLACEHOLDER, 3, "#VAR#")]),
    "double braces": ("Hi {{name}}, your order.", (), [(FaultKind.INVALID_PLACEHOLDER, 3, "{{name}}")]),
    "angle brackets": (
        "<#> Your OTP",
        (),
        [(FaultKind.ANGLE_BRACKET, 0, "<"), (FaultKind.ANGLE_BRACKET, 2, ">")],
    ),
    "tags beside do not fit": (
        "Dear {#var#}, your order.",
        ("var", "numeric"),
        [(FaultKind.TAG_LIST_LENGTH, 0, "var, numeric")],
    ),
    "a name that is no tag": (
        "{#otp#} is your OTP for the Acme App.",
        (),
        [(FaultKind.UNKNOWN_TAG, 0, "{#otp#}")],
    ),
    "a name with its tag beside": ("{#otp#} is your OTP for the Acme App.", ("numeric",), []),
    "unknown tag beside": ("Dear {#var#}, your order.", ("phone",), [(FaultKind.UNKNOWN_TAG, 0, "phone")]),
    "ends in a variable": (
        "Your order is shipped by {#var#}",
        (),
        [(FaultKind.ENDS_IN_VARIABLE, 25, "{#var#}")],
    ),
    "contiguous, and little fixed text": (
        "Hi {#var#}{#var#} bye",
        (),
        [(FaultKind.CONTIGUOUS_VARIABLES, 3, "{#var#}{#var#}")],
    ),
}


@pytest.mark.parametrize("content, beside, expected", FAULTS.values(), ids=FAULTS)
def test_faults(content, beside, expected):
    """What is wrong with a template itself is reported with its place."""
    faults = Template(template_id=ID, content=content, variable_tags=beside).faults
    assert [(fault.kind, fault.position, fault.text) for fault in faults] == expected


def test_unusual_id_and_length():
    """An id that is no 19 digits, and a text beyond 2000 characters, are reported, never refused."""
    kinds = [fault.kind for fault in Template(template_id="12345678901", content="a" * 2001).faults]
    assert kinds == [FaultKind.UNUSUAL_ID, FaultKind.TOO_LONG]


LINK = "https://acme.example.in/queue?t=abcdefghij1234567890"
SHORT_TAGS = {
    "digits": ("Your OTP is {#num#}. -ACME", "Your OTP is 654321. -ACME", True),
    "letters for digits": ("Your OTP is {#num#}. -ACME", "Your OTP is AB-12 X. -ACME", False),
    "a link longer than a variable": ("Dear {#alp#}, see {#uro#} now", f"Dear Asha, see {LINK} now", True),
    "a generic link": ("Dear {#alp#}, see {#urg#} now", f"Dear Asha, see {LINK} now", True),
    "words for a link": ("Dear {#alp#}, see {#uro#} now", "Dear Asha, see click here now", False),
    "a date": ("Visit on {#alp#}.", "Visit on 27.9.2026.", True),
    "a hyphen": ("Visit on {#alp#}.", "Visit on 27-9.", False),
    "an amount": ("Pay Rs {#num#} now", "Pay Rs 1,50,000.00 now", True),
    "an amount with its sign": ("Pay {#num#} now", "Pay Rs5 now", False),
    "a link over two tags": ("at {#urg#} {#uro#} -ACME", f"at {LINK}= {'AB' * 20} -ACME", True),
    "the long tags": ("Pay {#numeric#} at {#url#}.", "Pay 1,5 at queue.", False),
}


@pytest.mark.parametrize("content, text, fits", SHORT_TAGS.values(), ids=SHORT_TAGS)
def test_what_tags_of_three_letters_take(content, text, fits):
    """They take what the portals that write them approve: dates, amounts, links that go on in a second one."""
    assert Template(template_id=ID, content=content).fits(text) is fits


LONG_ONLY = {
    "digits": ("Rs {#num#}.", "Rs 15.", True),
    "an amount": ("Rs {#num#}.", "Rs 1,500.", False),
    "a date": ("On {#alp#}!", "On 27.9!", False),
    "part of a link": ("At {#uro#}!", "At AB!", False),
    "a link": ("At {#urg#}!", f"At {LINK}!", True),
}


@pytest.mark.parametrize("content, text, fits", LONG_ONLY.values(), ids=LONG_ONLY)
def test_the_policy_direction_reads_short_tags_as_long_ones(content, text, fits):
    """Under `direction` {#num#}, {#alp#}, {#uro#} and {#urg#} take only what the Direction's own tags take."""
    assert Template(template_id=ID, content=content).fits(text, Policy.named("direction")) is fits
