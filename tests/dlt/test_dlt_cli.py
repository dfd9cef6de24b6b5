"""`rmanalytics dlt`: exit codes, what is printed, and JSON."""

import json

import pytest
from typer.testing import CliRunner

from rmanalytics.cli.dlt import app
from rmanalytics.dlt import PRESETS
from rmanalytics.errors import BadInput

OTP, HINDI = "1107000000000000001", "1107000000000000002"
TEMPLATES = f"""template_id,content,header
{OTP},"Dear {{#var#}}, it's your OTP: {{#numeric#}}.",ACMEBK
{HINDI},प्रिय {{#var#}} आपका OTP {{#var#}} है।,ACMEBK
1107000000000000003,Hi {{#Var#}},
"""
GOOD = f"""{{"message_id":"m1","template_id":"{OTP}","body":"Dear Ravi, it's your OTP: 4821.","header":"ACMEBK"}}
"""
BAD = f"""{{"message_id":"m2","template_id":{OTP},"body":"Dear Ravi, it’s your OTP: 4821."}}
{{"message_id":"m3","template_id":"{HINDI}","body":"प्रिय रवि आपका OTP 4821 है","route":"domestic"}}
{{"message_id":"m4","template_id":"","body":"Hello","route":"international"}}
"""


@pytest.fixture
def run(tmp_path):
    """Run a command in a folder with a template file; return what came of it."""
    (tmp_path / "t.csv").write_text(TEMPLATES, encoding="utf-8")

    def invoke(*arguments, messages=""):
        (tmp_path / "m.jsonl").write_text(messages, encoding="utf-8")
        return CliRunner().invoke(app, [*arguments], env={"NO_COLOR": "1", "COLUMNS": "80"})

    return invoke


CHECK = ("check", "--templates", "t.csv", "--messages", "m.jsonl")


def test_all_match(run):
    """Where all match, the exit code is 0 and the numbers say so."""
    result = run(*CHECK, messages=GOOD)
    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        ["1 of 1 messages match under strict; 0 do not", ""],
    )


def test_mismatches_for_people(run):
    """Mismatches end in exit code 1, with place, both lines of the diff, and who would let them pass."""
    result = run(*CHECK, messages=GOOD + BAD)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "1 of 3 messages match under strict; 2 do not",
        "1 row not checked: international by route or number, where DLT does not apply",
        "        1  curly_quote",
        "        1  punctuation",
        "",
        f'm2  template {OTP}  curly_quote at character 14: write "\'" instead of U+2019 RIGHT SINGLE QUOTATION MARK '
        "at character 14",
        "  template  Dear Ravi, it⟦'⟧s your OTP: 4821.",
        "  message   Dear Ravi, it⟦’⟧s your OTP: 4821.",
        "  matches under msg91, lenient",
        "",
        f"m3  template {HINDI}  punctuation at character 27: insert U+0964 DEVANAGARI DANDA at character 27",
        "  template  प्रिय रवि आपका OTP 4821 है⟦।⟧",
        "  message   प्रिय रवि आपका OTP 4821 है⟦·⟧",
        "  matches under msg91, lenient",
        "",
    ]


def test_mismatches_as_json(run):
    """JSON holds every check with the promised columns, and details of the mismatches."""
    data = json.loads(run(*CHECK, "--json", messages=GOOD + BAD).stdout)
    promised = ("message_id", "template_id", "ok", "reason", "position", "expected", "actual")
    assert [tuple(check[name] for name in promised) for check in data["checks"]] == [
        ("m1", OTP, True, None, None, None, None),
        ("m2", OTP, False, "curly_quote", 13, "'", "’"),
        ("m3", HINDI, False, "punctuation", 26, "।", ""),
    ]
    assert (data["n_messages"], data["n_mismatched"], data["reasons"]) == (
        3,
        2,
        {"curly_quote": 1, "punctuation": 1},
    )
    assert [detail["corrected_text"] for detail in data["details"]] == [
        "Dear Ravi, it's your OTP: 4821.",
        "प्रिय रवि आपका OTP 4821 है।",
    ]


def test_another_policy(run):
    """Under a policy that overlooks the differences, all match."""
    result = run(*CHECK, "--policy", "msg91", messages=GOOD + BAD)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (
        0,
        "3 of 3 messages match under msg91; 0 do not",
    )


def test_faults_of_templates_are_talk(run):
    """What is wrong with a template goes to stderr and fails nothing."""
    result = run(*CHECK, messages=GOOD)
    assert result.stderr.splitlines() == [
        "warning t.csv: line 4: invalid_placeholder '{#Var#}' at character 4: read as fixed text; write {#var#}"
    ]


WRONG = {
    "policy": ([*CHECK, "--policy", "lax"], "unknown policy 'lax'"),
    "mapping": ([*CHECK, "--map", "content"], "--map content: write it as ours"),
    "file": (
        ["check", "--templates", "none.csv", "--messages", "m.jsonl"],
        "none.csv: cannot be read: No such file",
    ),
    "namespace": (["codes", "633", "--namespace", "jio"], "unknown code namespace 'jio'"),
    "code": (["codes", "12345"], "unknown code '12345' in any namespace"),
}


@pytest.mark.parametrize("arguments, expected", WRONG.values(), ids=WRONG)
def test_wrong_arguments(run, arguments, expected):
    """A wrong argument is a usage error of one clear line."""
    error = run(*arguments, messages=GOOD).exception
    assert (type(error), error.exit_code, str(error)[: len(expected)]) == (BadInput, 2, expected)


def test_find(run):
    """A text that fits finds its template; one that does not, the nearest and exit code 1."""
    fits = run("find", "Dear Ravi, it's your OTP: 4821.", "--templates", "t.csv")
    near = run("find", "Dear Ravi, it's your OTP: 4821", "--templates", "t.csv", "--nearest", "1", "--json")
    (first,) = json.loads(near.stdout)["nearest"]
    assert (fits.exit_code, fits.stdout.split()[:2]) == (0, ["fits", OTP])
    assert (near.exit_code, first["template_id"], first["faults"][0]["position"]) == (1, OTP, 30)


def test_find_for_people(run):
    """The nearest template is shown with the two lines of the diff."""
    result = run("find", "Dear Ravi, it's your OTP: 4821", "--templates", "t.csv", "--nearest", "1")
    assert result.stdout.splitlines()[2:5] == [
        f"{OTP}  punctuation: insert '.' at character 31",
        "  template  Dear Ravi, it's your OTP: 4821⟦.⟧",
        "  message   Dear Ravi, it's your OTP: 4821⟦·⟧",
    ]


def test_codes(run, tmp_path):
    """A code is read in every namespace that has it, or in one, or in the user's own."""
    (tmp_path / "own.csv").write_text("namespace,code,meaning\nmine,614,our words\n")
    everywhere = json.loads(run("codes", "614", "--json", "--table", "own.csv").stdout)
    one = run("codes", "633", "--namespace", "platform6xx")
    assert [row["namespace"] for row in everywhere] == ["platform6xx", "alt6xx_unattributed", "mine"]
    assert one.stdout == (
        "platform6xx 633  TEMPLATE_NOT_MATCHED  text does not fit the template given (template_mismatch)\n"
    )


ROUTES = {
    "an Indian number": ('"msisdn":"919800000001"', 1),
    "an international number": ('"msisdn":"+447700900123"', 0),
    "no number that can be read": ('"msisdn":"x"', 1),
    "the route is given": ('"msisdn":"919800000001","route":"international"', 0),
}


@pytest.mark.parametrize("fields, exit_code", ROUTES.values(), ids=ROUTES)
def test_route_from_the_number(run, fields, exit_code):
    """Where no route is given it follows from the number: international messages need no template."""
    result = run(*CHECK, messages=f'{{"template_id":"","body":"Hello",{fields}}}\n')
    assert result.exit_code == exit_code, result.output


def test_policies_with_their_sources(run):
    """Every policy is listed with who says so; the one in use is marked, and JSON has every field."""
    lines = run("policies").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(PRESETS)
    assert all(policy.source in line for policy, line in zip(PRESETS.values(), lines, strict=True))
    assert [line.split()[0] for line in lines if line.endswith("(in use)")] == ["strict"]
    kaleyra = next(row for row in json.loads(run("policies", "--json").stdout) if row["name"] == "kaleyra")
    assert (kaleyra["counted"], kaleyra["allow_empty"], kaleyra["in_use"]) == (
        "letters_and_digits",
        True,
        False,
    )
