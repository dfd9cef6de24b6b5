"""Explanations: every kind of mismatch, at its place, with what was expected and what is there."""

import pytest

from rmanalytics import dlt
from rmanalytics.dlt import MEANINGS, PRESETS, Policy, Reason, Template, diff
from rmanalytics.dlt.policy import Pooling

FIXED = "Dear {#var#}, it's your OTP: {#numeric#}. Valid for {#var#} min.\nCafé - ACME"
GOOD = "Dear Ravi, it's your OTP: 4821. Valid for 5 min.\nCafé - ACME"
HINDI = "प्रिय {#var#}, आपका ओटीपी {#numeric#} है। धन्यवाद"
TAMIL = "அன்புள்ள {#var#}, உங்கள் ஆர்டர் {#var#} அனுப்பப்பட்டது."
REGEX = "Win $5 (or more)*? [{#var#}] a+b^c|d\\e."
EMOJI = "🎉 Hi {#var#} 👍🏽!"
R = Reason


def of(content, good, old, new):
    """Return a template and a text that is the good one with a piece replaced."""
    assert good.count(old) == 1
    return content, good.replace(old, new)


KINDS = {
    "a character": (*of(FIXED, GOOD, "OTP:", "0TP:"), R.CHANGED_CHARACTER, 21, "O", "0"),
    "two letters swapped": (*of(FIXED, GOOD, "your", "yuor"), R.CHANGED_TEXT, 17, "ou", "uo"),
    "another word": (*of(FIXED, GOOD, "Valid", "Good"), R.CHANGED_TEXT, 32, "Vali", "Goo"),
    "a word is missing": (*of(FIXED, GOOD, "your ", ""), R.MISSING_TEXT, 16, "your ", ""),
    "a word too many": (*of(FIXED, GOOD, "your ", "your new "), R.EXTRA_TEXT, 21, "", "new "),
    "text before": (FIXED, "FYI: " + GOOD, R.LEADING_TEXT, 0, "", "FYI: "),
    "text behind": (FIXED, GOOD + " Thanks", R.TRAILING_TEXT, 60, "", " Thanks"),
    "cut short": (FIXED, GOOD[:-3], R.TRUNCATED, 57, "CME", ""),
    "cut short within a value": (
        FIXED,
        GOOD[:42],
        R.TRUNCATED,
        42,
        "{#var#} min.\nCafé - ACME",
        "",
    ),
    "a capital": (*of(FIXED, GOOD, "Dear", "dear"), R.LETTER_CASE, 0, "D", "d"),
    "a word in capitals": (*of(FIXED, GOOD, "your", "YOUR"), R.LETTER_CASE, 16, "your", "YOUR"),
    "a full stop is missing": (*of(FIXED, GOOD, "min.", "min"), R.PUNCTUATION, 47, ".", ""),
    "a comma too many": (*of(FIXED, GOOD, "OTP:", "OTP,:"), R.PUNCTUATION, 24, "", ","),
    "another mark": (*of(FIXED, GOOD, "OTP:", "OTP;"), R.PUNCTUATION, 24, ":", ";"),
    "a curly quote": (*of(FIXED, GOOD, "it's", "it’s"), R.CURLY_QUOTE, 13, "'", "’"),
    "a no-break space": (*of(FIXED, GOOD, "Valid ", "Valid\u00a0"), R.NO_BREAK_SPACE, 37, " ", "\u00a0"),
    "a Cyrillic twin": (*of(FIXED, GOOD, "Dear", "Deаr"), R.LOOKALIKE, 2, "a", "а"),
    "an en dash": (*of(FIXED, GOOD, "- ACME", "– ACME"), R.LOOKALIKE, 54, "-", "–"),
    "a zero-width space": (*of(FIXED, GOOD, "OTP", "O\u200bTP"), R.INVISIBLE_CHARACTER, 22, "", "\u200b"),
    "a decomposed letter": (*of(FIXED, GOOD, "Café", "Cafe\u0301"), R.UNICODE_FORM, 52, "é", "e\u0301"),
    "two spaces": (*of(FIXED, GOOD, "your OTP", "your  OTP"), R.DOUBLE_SPACE, 21, "", " "),
    "two spaces before a number": (*of(FIXED, GOOD, ": 4", ":  4"), R.DOUBLE_SPACE, 26, "", " "),
    "no space": (*of(FIXED, GOOD, "your OTP", "yourOTP"), R.MISSING_SPACE, 20, " ", ""),
    "a space too many": (*of(FIXED, GOOD, "OTP:", "OTP :"), R.EXTRA_SPACE, 24, "", " "),
    "a trailing space": (FIXED, GOOD + " ", R.EXTRA_SPACE, 60, "", " "),
    "a Windows line ending": (*of(FIXED, GOOD, "\n", "\r\n"), R.LINE_ENDING, 48, "", "\r"),
    "a space for a line ending": (*of(FIXED, GOOD, "\n", " "), R.LINE_ENDING, 48, "\n", " "),
    "no line ending": (*of(FIXED, GOOD, "\n", ""), R.LINE_ENDING, 48, "\n", ""),
    "a value too long": (
        *of(FIXED, GOOD, "Ravi", "R" * 33),
        R.VARIABLE_TOO_LONG,
        35,
        "at most 30 characters",
        "R" * 33,
    ),
    "no value": (*of(FIXED, GOOD, "Ravi", ""), R.VARIABLE_EMPTY, 5, "any text", ""),
    "a value of another type": (
        *of(FIXED, GOOD, "4821", "48a1"),
        R.VARIABLE_WRONG_TYPE,
        28,
        "digits only",
        "48a1",
    ),
    "another text": (FIXED, "Win a car today", R.DIFFERENT_TEXT, 0, "Dear ", ""),
    "Hindi: a danda is missing": (HINDI, "प्रिय रवि, आपका ओटीपी 4821 है धन्यवाद", R.PUNCTUATION, 29, "।", ""),
    "Hindi: a vowel sign": (HINDI, "प्रिय रवि, आपका ओटिपी 4821 है। धन्यवाद", R.CHANGED_CHARACTER, 18, "ी", "ि"),
    "Hindi: digits of the script": (
        HINDI,
        "प्रिय रवि, आपका ओटीपी ४८२१ है। धन्यवाद",
        R.VARIABLE_WRONG_TYPE,
        22,
        "digits only",
        "४८२१",
    ),
    "Tamil": (TAMIL, "அன்புள்ள ரவி, உங்கள் ஆர்டர் 12 அனுப்பப்பட்டது", R.PUNCTUATION, 45, ".", ""),
    "regex characters": (REGEX, "Win $5 (or more)*! [car] a+b^c|d\\e.", R.PUNCTUATION, 17, "?", "!"),
    "emoji: a skin tone": (EMOJI, "🎉 Hi Ravi 👍!", R.MISSING_TEXT, 11, "🏽", ""),
    "emoji count one each": (EMOJI, "🎉 hi Ravi 👍🏽!", R.LETTER_CASE, 2, "H", "h"),
}


@pytest.mark.parametrize("content, text, reason, position, expected, actual", KINDS.values(), ids=KINDS)
def test_kinds(content, text, reason, position, expected, actual):
    """Each kind of mistake is named, placed in the message, and shown with what was expected."""
    (fault,) = Template(template_id="1107000000000000001", content=content).explain(text).faults
    found = (fault.reason, fault.position, fault.expected, fault.actual)
    assert found == (reason, position, expected, actual)


def test_every_word_of_the_vocabulary_has_a_meaning():
    """No reason is without an explanation for people."""
    assert set(MEANINGS) == set(Reason)


def test_several_faults_come_in_order():
    """Independent mistakes are all reported, from left to right, each with its place in message and template."""
    text = GOOD.replace("it's", "it’s").replace("OTP:", "OTP").replace("min", "mins")
    faults = Template(template_id="1107000000000000001", content=FIXED).explain(text).faults
    assert [(f.reason, f.position, f.template_position) for f in faults] == [
        (R.CURLY_QUOTE, 13, 16),
        (R.PUNCTUATION, 24, 27),
        (R.EXTRA_TEXT, 46, 63),
    ]


def test_the_least_edit_is_blamed():
    """Of all slot assignments the one with the least edit is blamed, not where the leftmost one fails."""
    template = Template(template_id="1107000000000000001", content="Pay {#var#} to {#var#} by {#var#} today.")
    (fault,) = template.explain("Pay 5 to Mr to Do by noon by bus todey.").faults
    assert (fault.reason, fault.position, fault.expected, fault.actual) == (R.CHANGED_CHARACTER, 36, "a", "e")


def test_slot_numbers_and_value():
    """A bad value is reported with the number of its slot, counted from 1 over all slots."""
    template = Template(template_id="1107000000000000001", content="A{#var#}{#var#}B{#numeric#}C")
    long, wrong = template.explain("A" + "x" * 61 + "B5C"), template.explain("AxB5xC")
    assert [(f.slot, f.reason, f.actual) for f in (*long.faults, *wrong.faults)] == [
        (1, R.VARIABLE_TOO_LONG, "x" * 61),
        (3, R.VARIABLE_WRONG_TYPE, "5x"),
    ]


def test_a_shared_allowance():
    """Values that are too long only together have a reason of their own."""
    template = Template(template_id="1107000000000000001", content="A{#var#}B{#var#}C")
    policy = Policy(pooling=Pooling.TEMPLATE)
    texts = ["A" + "x" * 59 + "B5C", "A" + "x" * 60 + "B5C"]
    assert [[f.reason for f in template.explain(text, policy).faults] for text in texts] == [
        [],
        [R.ALLOWANCE_EXCEEDED],
    ]


def test_fixes():
    """The text can be fixed, or the registration; either makes the two agree."""
    explanation = Template(template_id="1107000000000000001", content="Pay {#var#} now.").explain(
        "Pay 5 now!"
    )
    assert (explanation.corrected_text, explanation.corrected_template) == ("Pay 5 now.", "Pay {#var#} now!")


def test_only_owners_fix_values():
    """A bad value has no corrected text: only its owner knows what it should be."""
    explanation = Template(template_id="1107000000000000001", content="OTP {#numeric#}.").explain("OTP x.")
    assert (explanation.corrected_text, explanation.corrected_template) == (None, None)


def test_passes_under():
    """An explanation says under which readings the text would pass."""
    explanation = Template(template_id="1107000000000000001", content="Pay {#var#} now.").explain("Pay 5 now")
    assert explanation.passes_under(PRESETS.values()) == ("msg91", "airtel", "lenient")


DIFFS = {
    "changed": (GOOD.replace("it's", "it’s"), "it⟦'⟧s your", "it⟦’⟧s your"),
    "missing": (GOOD.replace("your ", ""), "it's ⟦your ⟧OTP", "it's ⟦·····⟧OTP"),
    "invisible": (GOOD.replace("Valid ", "Valid\u00a0"), "Valid⟦ ⟧for", "Valid⟦⍽⟧for"),
    "line ending": (GOOD.replace("\n", "\r\n"), "min.⟦·⟧↵Café", "min.⟦␍⟧↵Café"),
    "a value": (GOOD.replace("4821", "48a1"), "OTP: ⟦~~~~⟧.", "OTP: ⟦48a1⟧."),
}


@pytest.mark.parametrize("text, above, below", DIFFS.values(), ids=DIFFS)
def test_diff(text, above, below):
    """The two lines are equally long and show the difference one above the other."""
    expected, actual = diff.lines(Template(template_id="1107000000000000001", content=FIXED).explain(text))
    assert (above in expected, below in actual, len(expected) == len(actual)) == (True, True, True)


def test_diff_shortened():
    """Far from the differences, text gives way to an ellipsis."""
    explanation = Template(template_id="1107000000000000001", content="a" * 50 + "b" + "c" * 50).explain(
        "a" * 50 + "x" + "c" * 50
    )
    assert diff.lines(explanation, around=5) == ("…aaaaa⟦b⟧ccccc…", "…aaaaa⟦x⟧ccccc…")


LENIENT_EXPLANATIONS = {
    "what is ignored is not reported": ("msg91", "pay , “5”  NOW", [(R.LETTER_CASE, 11, "now", "NOW")]),
    "positions are those of the text as it is": (
        "msg91",
        " P.ay 5 - nov",
        [(R.CHANGED_CHARACTER, 12, "w", "v")],
    ),
}


@pytest.mark.parametrize("name, text, expected", LENIENT_EXPLANATIONS.values(), ids=LENIENT_EXPLANATIONS)
def test_explained_under_a_lenient_policy(name, text, expected):
    """Under a lenient policy only what it does not overlook is a fault, at its place in the text as it came."""
    content = "pay {#var#} now." if text.startswith("pay") else "Pay {#var#} now."
    faults = Template(template_id="1107000000000000001", content=content).explain(text, PRESETS[name]).faults
    assert [(f.reason, f.position, f.expected, f.actual) for f in faults] == expected


def test_a_text_shorter_than_any_fixed_text():
    """A policy that trims explains an empty text too."""
    template = Template(template_id="1107000000000000001", content="Pay now. ")
    assert [f.reason for f in template.explain("", Policy(trim=True)).faults] == [R.DIFFERENT_TEXT]


def test_the_old_name_of_a_mistake():
    """Notebooks that say `dlt.Fault` get `dlt.Mistake`, and a warning that says so."""
    with pytest.warns(DeprecationWarning, match="Fault is now rmanalytics.dlt.Mistake"):
        assert dlt.Fault is dlt.Mistake
    with pytest.raises(AttributeError, match="'Failt'"):
        _ = dlt.Failt


ALIKE = {
    "é decomposed": (
        "Café {#var#}",
        "Cafe\u0301 Ravi",
        R.UNICODE_FORM,
        "U+0301 COMBINING ACUTE ACCENT instead of U+00E9 LATIN SMALL LETTER E WITH ACUTE): normalise the text to NFC",
    ),
    "a template that is decomposed": (
        "Cafe\u0301 {#var#}",
        "Café Ravi",
        R.UNICODE_FORM,
        "the template is not in NFC: normalise the text to NFD, or register the template in NFC",
    ),
    "Hindi: a nukta in the letter": (
        "{#var#} क\u093cलम",
        "Ravi \u0958लम",
        R.UNICODE_FORM,
        "U+0958 DEVANAGARI LETTER QA instead of",
    ),
    "Hindi: a letter that NFC takes apart": (
        "{#var#} \u0958लम",
        "Ravi क\u093cलम",
        R.UNICODE_FORM,
        "write these characters as the template does, or register the template in NFC",
    ),
    "Tamil: a vowel sign in two parts": (
        "{#var#} க\u0bcaடு",
        "Ravi க\u0bc6\u0bbeடு",
        R.UNICODE_FORM,
        "U+0BC6 TAMIL VOWEL SIGN E, U+0BBE TAMIL VOWEL SIGN AA instead of U+0BCA TAMIL VOWEL SIGN O): normalise",
    ),
    "a joiner that is missing": (
        "क्\u200dष {#var#}",
        "क्ष Ravi",
        R.INVISIBLE_CHARACTER,
        "insert U+200D ZERO WIDTH JOINER",
    ),
    "the other joiner": (
        "क्\u200dष {#var#}",
        "क्\u200cष Ravi",
        R.INVISIBLE_CHARACTER,
        "write U+200D ZERO WIDTH JOINER instead of U+200C ZERO WIDTH NON-JOINER",
    ),
    "two invisible ones": (
        "Dear {#var#} all",
        "De\u200b\u2060ar Ravi all",
        R.INVISIBLE_CHARACTER,
        "(U+200B ZERO WIDTH SPACE, U+2060 WORD JOINER)",
    ),
    "a soft hyphen": (
        "order {#var#}",
        "or\u00adder Ravi",
        R.INVISIBLE_CHARACTER,
        "remove U+00AD SOFT HYPHEN",
    ),
    "a no-break space": ("my order {#var#}", "my\u00a0order Ravi", R.NO_BREAK_SPACE, "U+00A0 NO-BREAK SPACE"),
    "a smart quote": ("it's {#var#}", "it’s Ravi", R.CURLY_QUOTE, "U+2019 RIGHT SINGLE QUOTATION MARK"),
    "a full-width digit": ("10 min {#var#}", "１0 min Ravi", R.LOOKALIKE, "U+FF11 FULLWIDTH DIGIT ONE"),
    "full-width digits as value": (
        "OTP {#numeric#}",
        "OTP １２",
        R.VARIABLE_WRONG_TYPE,
        "digits only, not U+FF11 FULLWIDTH DIGIT ONE",
    ),
    "digits of Hindi as value": (
        "OTP {#numeric#}",
        "OTP 1२",
        R.VARIABLE_WRONG_TYPE,
        "digits only, not U+0968 DEVANAGARI DIGIT TWO",
    ),
    "letters of Cyrillic in a row": (
        "my scope {#var#}",
        "my ѕсоре Ravi",
        R.LOOKALIKE,
        "(U+0455 CYRILLIC SMALL LETTER DZE, U+0441 CYRILLIC SMALL LETTER ES, U+043E CYRILLIC SMALL LETTER O, …)",
    ),
}


@pytest.mark.parametrize("content, text, reason, words", ALIKE.values(), ids=ALIKE)
def test_what_looks_the_same_is_named(content, text, reason, words):
    """Characters that people cannot tell apart are called by their Unicode names, with what to do."""
    template = Template(template_id="1107000000000000001", content=content)
    explanation = template.explain(text)
    assert explanation.first.reason is reason
    assert words in explanation.first.fix
    assert explanation.corrected_text is None or template.explain(explanation.corrected_text).fits
