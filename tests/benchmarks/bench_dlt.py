"""DLT verdicts, explanations and finding, beside a plain `re` loop and RE2 on the same data in the same run.

    python tests/benchmarks/bench_dlt.py [--messages 1000000] [--templates 1000] [--workers 2]

The `re` loop is given no hostile text: it would never come back. RE2 is measured where `google-re2` is installed.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa

from rmanalytics.dlt import PRESETS, Index, Policy, Registry, Template, check, matcher
from rmanalytics.dlt.engine.skeleton import MOST_SLOTS

TEXT = """account order payment credited debited delivery shipped balance customer bank transaction amount due date card
valid minutes share anyone call support team visit branch today tomorrow loan policy premium renewal offer code
ticket booking confirmed cancelled refund processed request number received thank you shopping with us your the
for has been on at is will be please ignore if not done by wallet recharge plan expires data pack bill generated"""
WORDS = TEXT.split()
VALUES = (
    "Ravi", "Ravi Kumar", "482133", "12-Nov-2026", "Rs 1,499.00", "XX4821", "Bengaluru", "http://x.in/a1b2",
    "10:30 AM", "Lakshmi Narasimha Rao", "4", "Order 77821",
)  # fmt: skip
HOSTILE = "a".join(["{#var#}"] * 20) + "a"
"""Twenty slots between letters that values hold too."""


def template(rng: random.Random) -> str:
    """Return the text of a template with one to six slots."""
    text = rng.choice(["Dear ", "Hi ", "Dear Customer, ", ""])
    for _ in range(rng.choice([1, 2, 2, 3, 3, 4, 5])):
        words = " ".join(rng.choices(WORDS, k=rng.randint(2, 8)))
        text += "{#var#}" + rng.choice([" ", ", ", ". "]) + words + rng.choice([" ", " ", ": Rs.", " - "])
    end = " ".join(rng.choices(WORDS, k=3)) + rng.choice(
        [" -ACMEBK", " - TEAM ZED", ". Regards, Bharat Stores"]
    )
    return text + rng.choice(["{#var#}", ""]) + ". " + end


def damaged(text: str, rng: random.Random) -> str:
    """Return the text with one of the usual mistakes."""
    at = rng.randrange(len(text))
    return rng.choice(
        [
            text[:at] + rng.choice("xyzQ") + text[at + 1 :],
            text[:at] + text[at + 1 :],
            text[:at] + " " + text[at:],
            text + " Thanks",
            text.replace("e", "E", 1),
            text[:at] + text[at + 7 :],
            text.replace(" ", "\u00a0", 1),
        ]
    )


def filled(content: str, rng: random.Random) -> str:
    """Return the template with values in its slots."""
    return re.sub(r"\{#var#\}", lambda _: rng.choice(VALUES), content)


def plain(content: str) -> re.Pattern[str]:
    """Return what one would write without thinking."""
    return re.compile(_source(content), re.DOTALL)


def _source(content: str) -> str:
    parts = re.split(r"((?:\{#var#\})+)", content)
    bodies = (
        f".{{1,{30 * part.count('#var')}}}?" if i % 2 else re.escape(part) for i, part in enumerate(parts)
    )
    return "".join(bodies)


def measured(label: str, n: int, run: Callable[[], Any], baseline: float | None = None) -> tuple[float, Any]:
    """Run, print the rate by the clock and by processor time, and return the rate with the result."""
    clock, processor = time.perf_counter(), time.process_time()
    result = run()
    rate = n / (time.perf_counter() - clock)
    beside = f"{rate / baseline:8.2f} of the re loop" if baseline else ""
    by_processor = n / max(time.process_time() - processor, 1e-9)
    print(f"{label:<44}{rate:>12,.0f}/s {by_processor:>12,.0f}/s cpu {beside}", flush=True)
    return rate, result


def verdicts(n: int, n_templates: int, workers: int, share: float, n_hostile: int) -> None:
    """Compare verdicts and explanations over many messages."""
    rng = random.Random(1)
    contents = [template(rng) for _ in range(n_templates)]
    numbers = [rng.randrange(n_templates) for _ in range(n)]
    texts = [filled(contents[number], rng) for number in numbers]
    texts = [damaged(text, rng) if rng.random() < share else text for text in texts]
    registry = Registry.of(
        [
            Template(template_id=f"11070000000000{number:05d}", content=content)
            for number, content in enumerate([*contents, HOSTILE])
        ]
    )
    ids = [*registry.templates]
    hostile_ids, hostile = (
        [ids[-1]] * n_hostile,
        ["a" * (700 + i % 800) + "b" * (i % 2) for i in range(n_hostile)],
    )
    sent = pa.table({"template_id": [ids[i] for i in numbers] + hostile_ids, "body": texts + hostile})
    order = list(range(sent.num_rows))
    rng.shuffle(order)
    sent = sent.take(pa.array(order)).combine_chunks()
    print(
        f"{sent.num_rows:,} messages, {n_hostile:,} of them hostile, {share:.0%} mismatching, {n_templates:,} templates"
    )

    _forget_peak()
    print(f"memory with the data and no check yet: {_peak_mb():,.0f} MB")
    tests = [plain(content).fullmatch for content in contents]
    baseline, expected = measured("re loop, no hostile texts", n, lambda: _loop(tests, numbers, texts))
    _re2(contents, numbers, texts, baseline)
    total = sent.num_rows
    _, found = measured(
        "verdicts, one process, compiling", total, lambda: check(sent, registry, explain=False), baseline
    )
    measured("verdicts, one process, compiled", total, lambda: check(sent, registry, explain=False), baseline)
    measured(
        f"verdicts, {workers} processes",
        total,
        lambda: check(sent, registry, explain=False, workers=workers),
        baseline,
    )
    measured("with explanations, one process", total, lambda: check(sent, registry), baseline)
    measured(
        f"with explanations, {workers} processes",
        total,
        lambda: check(sent, registry, workers=workers),
        baseline,
    )
    place = dict(zip(order, found.column("ok").to_pylist(), strict=True))
    print("same verdicts as the re loop:", [place[i] for i in range(n)] == expected)
    slowest = max(
        _seconds(lambda text=text: matcher(registry.templates[ids[-1]], Policy()).fits(text))
        for text in hostile
    )
    print(
        f"slowest hostile verdict: {slowest * 1000:.1f} ms; peak memory, data included: {_peak_mb():,.0f} MB"
    )


def finding(n: int, n_templates: int) -> None:
    """Compare finding among many templates."""
    rng = random.Random(2)
    contents = [template(rng) for _ in range(n_templates)]
    templates = [
        Template(template_id=f"11070000000000{i:05d}", content=content) for i, content in enumerate(contents)
    ]
    numbers = [rng.randrange(n_templates) for _ in range(n)]
    texts = [filled(contents[number], rng) for number in numbers]
    print(f"\n{n:,} texts, {n_templates:,} templates")
    tests = [plain(content).fullmatch for content in contents]
    baseline, _ = measured("re loop, template known", n, lambda: _loop(tests, numbers, texts))
    seconds = _seconds(lambda: Index(templates, Policy()))
    print(f"index built in {seconds:.2f} s")
    index = Index(templates, Policy())
    measured("find, compiling", n, lambda: [index.fits(text) for text in texts], baseline)
    _, found = measured("find", n, lambda: [index.fits(text) for text in texts], baseline)
    print("all found:", all(templates[number] in fits for number, fits in zip(numbers, found, strict=True)))
    astray = [
        (number, text)
        for number, text in zip(numbers, (damaged(text, rng) for text in texts[:5000]), strict=False)
    ]
    astray = [(number, text) for number, text in astray if not index.fits(text)]
    _, near = measured("nearest", len(astray), lambda: [index.nearest(text) for _, text in astray], baseline)
    right = sum(
        found[0].template is templates[number] for (number, _), found in zip(astray, near, strict=True)
    )
    print(f"nearest is the damaged one: {right} of {len(astray)}")


def slowest_explanation() -> None:
    """Print the slowest explanation of the largest templates a registry may have, with texts as long as an SMS."""
    tags = ("{#var#}", "{#alphanumeric#}", "{#numeric#}", "{#url#}", "{#email#}", "{#cbn#}")
    contents = [
        *(f"a{tag}" * MOST_SLOTS for tag in tags),
        "".join(f"ab{tag}" for tag in tags) * (MOST_SLOTS // 6),
    ]
    contents += ["account order " * 140 + tags[0], ("text that is longer " + tags[0]) * (MOST_SLOTS // 2)]
    pieces = ("a", "1", "a ", "a@b.c", "www.", "account or ", "अ", "a" * 45 + "b")
    texts = [(piece * 2000)[: 2000 - len(piece)] + "!" for piece in pieces]
    worst: list[tuple[float, str, str, str]] = []
    for policy, content in product(PRESETS.values(), contents):
        own = Template(template_id="1", content=content[:4000])
        own.explain("", policy)
        for text in texts:
            seconds = min(_processor_seconds(partial(own.explain, text, policy)) for _ in range(3))
            worst.append((seconds, policy.name, content[:20], text[:12]))
    for seconds, *about in sorted(worst, reverse=True)[:3]:
        print(f"slow explanation: {seconds * 1000:.0f} ms of processor time: {about}")


def _processor_seconds(run: Callable[[], Any]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def _loop(tests: list[Any], numbers: Iterable[int], texts: Iterable[str]) -> list[bool]:
    return [test(text) is not None for test, text in zip(map(tests.__getitem__, numbers), texts, strict=True)]


def _re2(contents: list[str], numbers: list[int], texts: list[str], baseline: float) -> None:
    try:
        import re2
    except ImportError:
        print("RE2: google-re2 is not installed")
        return
    options = re2.Options()
    options.dot_nl, options.max_mem, options.log_errors = True, 64 << 20, False
    used = numbers[:20_000]
    tests = {number: re2.compile(_source(contents[number]), options).fullmatch for number in set(used)}
    measured(
        "RE2",
        len(used),
        lambda: [tests[i](text) is not None for i, text in zip(used, texts, strict=False)],
        baseline,
    )


def _seconds(run: Callable[[], Any]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _peak_mb() -> float:
    """Return the highest memory of this process since `_forget_peak`."""
    peak = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    return int(peak.split()[1]) / 1024


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--templates", type=int, default=1_000)
    parser.add_argument("--hostile", type=int, default=500)
    parser.add_argument("--share", type=float, default=0.05, help="Share of messages that do not match.")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--texts", type=int, default=100_000)
    options = parser.parse_args()
    verdicts(options.messages, options.templates, options.workers, options.share, options.hostile)
    finding(options.texts, 10 * options.templates)
    slowest_explanation()


if __name__ == "__main__":
    main()
