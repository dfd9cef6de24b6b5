"""Every contradiction of the reference falls on the right side under each preset."""

import pytest

from rmanalytics.dlt import PRESETS, Policy, Template
from rmanalytics.dlt.policy import Newlines, Spaces
from rmanalytics.errors import BadInput

ALL = frozenset(PRESETS)
MSG91 = {"msg91", "lenient"}
PUNCTUATION = {"msg91", "airtel", "lenient"}
FIXED = 'Dear {#var#}, it\'s "due" on {#var#}. Pay now. - ACME'
TWO = "A{#var#}{#var#}Z of {#var#}."
CODE = "Code {#alphanumeric#}!"

READINGS = {
    "as it is": (FIXED, 'Dear Ravi, it\'s "due" on 5 May. Pay now. - ACME', ALL),
    "letter case is significant everywhere": (
        FIXED,
        'dear Ravi, it\'s "due" on 5 May. Pay now. - ACME',
        set(),
    ),
    "curly quotes": (FIXED, "Dear Ravi, it’s “due” on 5 May. Pay now. - ACME", MSG91),
    "full stop removed": (FIXED, 'Dear Ravi, it\'s "due" on 5 May. Pay now - ACME', PUNCTUATION),
    "full stop added": (FIXED, 'Dear Ravi, it\'s "due" on 5 May. Pay now. - ACME.', PUNCTUATION),
    "double space": (FIXED, 'Dear Ravi, it\'s "due"  on 5 May. Pay now. - ACME', MSG91),
    "no-break space": (FIXED, 'Dear Ravi, it\'s "due" on 5 May. Pay\u00a0now. - ACME', MSG91),
    "newline for a space": (FIXED, 'Dear Ravi, it\'s "due" on 5 May. Pay now.\n- ACME', MSG91),
    "newline added": (FIXED, 'Dear Ravi, it\'s "due" on 5 May. Pay now. \n- ACME', MSG91),
    "trailing space": (FIXED, 'Dear Ravi, it\'s "due" on 5 May. Pay now. - ACME ', {*MSG91, "trimmed"}),
    "leading newline": (FIXED, '\nDear Ravi, it\'s "due" on 5 May. Pay now. - ACME', {*MSG91, "trimmed"}),
    "another word": (FIXED, 'Dear Ravi, it\'s "due" on 5 May. Buy now. - ACME', set()),
    "decomposed letter": ("Café {#var#}.", "Cafe\u0301 5.", {"canonical", "lenient"}),
    "decomposed Bengali vowel": ("কো {#var#}.", "ক\u09c7\u09be 5.", {"canonical", "lenient"}),
    "angle brackets are not special": ("Your OTP {#var#}.", "<#> Your OTP 5.", MSG91),
    "no value": ("Hi {#var#}, pay.", "Hi , pay.", {"kaleyra", "msg91", "airtel", "lenient"}),
    "no value, and nothing overlooked beside it": ("Hi{#var#}pay.", "Hipay.", {"kaleyra", "lenient"}),
    "20 characters": ("A{#var#}Z", "A" + "x" * 20 + "Z", ALL),
    "21 characters": ("A{#var#}Z", "A" + "x" * 21 + "Z", ALL - {"limit_20"}),
    "30 characters": ("A{#var#}Z", "A" + "x" * 30 + "Z", ALL - {"limit_20"}),
    "31 characters": ("A{#var#}Z", "A" + "x" * 31 + "Z", MSG91),
    "40 characters": ("A{#var#}Z", "A" + "x" * 40 + "Z", MSG91),
    "41 characters": ("A{#var#}Z", "A" + "x" * 41 + "Z", set()),
    "28 letters and 5 hyphens": ("A{#var#}Z", "A" + "x" * 28 + "-----" + "Z", {"kaleyra", *MSG91, "airtel"}),
    "adjacent slots pool": (TWO, "A" + "x" * 60 + "Z of 5.", ALL - {"no_pooling", "limit_20"}),
    "adjacent slots hold what one does": (TWO, "A" + "x" * 30 + "Z of 5.", ALL),
    "an allowance shared over the template": (
        TWO,
        "A" + "x" * 85 + "Z of 5.",
        {"shared_allowance", "lenient"},
    ),
    "alphanumeric: letters and digits": (CODE, "Code AB12!", ALL),
    "alphanumeric: Hindi with vowel signs": (CODE, "Code दिल्ली12!", ALL),
    "alphanumeric: space, full stop, underscore, slash": (
        CODE,
        "Code AB 1._/2!",
        {"vi", "jio", "msg91", "lenient"},
    ),
    "alphanumeric: hyphen and colon": (CODE, "Code AB-1:2!", {"jio", *PUNCTUATION}),
    "alphanumeric: a sentence": (CODE, "Code is AB-12, ok?!", {"jio", *MSG91}),
}


@pytest.mark.parametrize("content, text, expected", READINGS.values(), ids=READINGS)
def test_presets(content, text, expected):
    """Each text passes under exactly the presets whose sources say so."""
    template = Template(template_id="1107000000000000001", content=content)
    assert {name for name, policy in PRESETS.items() if template.fits(text, policy)} == set(expected)


FOLDS = {
    "case": ({"fold_case": True}, "Pay NOW", "pay now"),
    "quotes": ({"fold_quotes": True}, 'it\'s "on"', "it’s “on”"),
    "any run of spaces": ({"spaces": Spaces.COLLAPSE}, "pay now", "pay \u00a0\t now"),
    "fewer spaces too": ({"spaces": Spaces.COLLAPSE}, "pay  now", "pay now"),
    "line endings": ({"newlines": Newlines.UNIFY}, "pay\nnow", "pay\r\nnow"),
}


@pytest.mark.parametrize("fields, content, text", FOLDS.values(), ids=FOLDS)
def test_folding_that_no_preset_does_alone(fields, content, text):
    """What no source states can still be asked for, field by field."""
    template = Template(template_id="1107000000000000001", content=content)
    assert (template.fits(text), template.fits(text, Policy(**fields))) == (False, True)


VALUES = {
    "digits": ("numeric", "0123", True),
    "Devanagari digits are not": ("numeric", "०१२", False),
    "40 digits": ("numeric", "1" * 40, True),
    "41 digits": ("numeric", "1" * 41, False),
    "a link": ("url", "https://x.in/a?b=1", True),
    "a www link": ("url", "www.x.in", True),
    "a link without its beginning": ("url", "x.in/a", False),
    "a link with a space": ("url", "https://x.in a", False),
    "121 characters of link": ("url", "https://x.in/".ljust(121, "a"), False),
    "120 characters of OTT link": ("urlott", "https://x.in/".ljust(120, "a"), True),
    "a toll-free number": ("cbn", "1800 11 2233", True),
    "a number with letters": ("cbn", "1800-CALL", False),
    "an address": ("email", "a.b@shop.example", True),
    "an address without a dot": ("email", "a@shop", False),
    "emoji are one character each": ("var", "😀" * 30, True),
    "31 emoji": ("var", "😀" * 31, False),
    "a value over two lines": ("var", "a\nb", True),
    "regex characters": ("var", ".*+?(){}[]\\^$|", True),
}


@pytest.mark.parametrize("tag, value, fits", VALUES.values(), ids=VALUES)
def test_values(tag, value, fits):
    """Each tag takes its kind of value up to its limit."""
    template = Template(template_id="1107000000000000001", content=f"Take {{#{tag}#}}, ok")
    assert template.fits(f"Take {value}, ok") is fits


def test_unknown_policy_names_those_known():
    """A misspelt policy is answered with the names there are."""
    with pytest.raises(BadInput, match="unknown policy 'lax': use one of strict, msg91"):
        Policy.named("lax")
