"""Take a picture of each screen of the dashboard, light and dark, into `screenshots/`; some for the README.

A platform is started for it, with a scripted endpoint in the place of OpenAI's, so that the data look like
those of real models without asking one.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, sync_playwright

from layerlens import Stratix
from layerlens.models import Evaluation

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.platform import Platform  # noqa: E402  # needs the path above
from tests.support.provider import Reply, ScriptedProvider  # noqa: E402  # likewise

FOLDER = ROOT / "screenshots"
IMAGES = ROOT / "docs" / "images"
SHOWN = ("evaluation-light", "compare-light", "results-dark")
"""Those that the README shows."""

WIDTHS = {"": 1440, "-narrow": 360}
SKILL = {"gpt-4o": 0.93, "gpt-4o-mini": 0.84, "gpt-4.1": 0.95, "gpt-4.1-nano": 0.71}
HARDER = {"percentages": 0.72, "word problems": 0.82, "multiplication": 0.93}
"""The share of its skill that a model has on what is hard."""


def main() -> None:
    """Make the data, take the pictures."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("There is no chromium here: apt-get install chromium.")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        script = Script()
        with (
            ScriptedProvider(script.reply) as provider,
            Platform(Path(folder), provider.base_url) as platform,
            sync_playwright() as playwright,
        ):
            script.provider = provider
            with platform.client() as client:
                screens = fill(client, script, Path(folder))
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for scheme in ("light", "dark"):
                for suffix, width in WIDTHS.items():
                    take(browser, platform.address, screens, scheme, width, suffix)
            for name in SHOWN:
                screen, scheme = name.split("-")
                page = browser.new_page(
                    base_url=platform.address, viewport={"width": 1280, "height": 860}, color_scheme=scheme
                )
                page.goto(screens[screen])
                page.wait_for_timeout(900)
                page.screenshot(path=IMAGES / f"{name}.png")
            browser.close()


class Script:
    """Answers sums as models of different skill would, always the same way."""

    def __init__(self) -> None:
        self.provider: ScriptedProvider | None = None
        self.truths: dict[str, tuple[str, str]] = {}
        self.slow = False

    def reply(self, asked: str, _: int) -> Reply:
        """Return the answer of the model that was asked last."""
        assert self.provider is not None
        model = str(self.provider.requests[-1]["model"])
        dice = random.Random(f"{model} {asked}")
        truth, subset = next((found for text, found in self.truths.items() if text in asked), ("7", ""))
        delay = dice.lognormvariate(-2.4, 0.5)
        usage = {"prompt_tokens": 20 + len(asked) // 4, "completion_tokens": dice.randint(12, 90)}
        usage["total_tokens"] = sum(usage.values())
        if self.slow:
            return Reply(truth, delay=2.0, usage=usage)
        chance = dice.random()
        if chance < 0.012:
            return Reply(
                "Let us go through this one step at", finish_reason="length", delay=delay, usage=usage
            )
        if chance < 0.017:
            return Reply("I'm sorry, but I can't help with that.", delay=delay, usage=usage)
        right = dice.random() < SKILL.get(model, 0.8) * HARDER.get(subset, 1.0)
        number = truth if right else str(round(float(truth) * dice.choice((0.1, 0.9, 1.1, 10))) + 1)
        return Reply(f"Step by step: the result is {number}.\n\nAnswer: {number}", delay=delay, usage=usage)


def fill(client: Stratix, script: Script, folder: Path) -> dict[str, str]:
    """Make a benchmark and evaluations of it; return the address of each screen."""
    rows = list(questions())
    script.truths = {row["input"]: (row["truth"], row["subset"]) for row in rows}
    file = folder / "office-arithmetic.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    made = client.benchmarks.create_custom(
        name="Office arithmetic", description="Sums as they come up in an office.", file_path=str(file),
        custom_scorers="numeric",
    )  # fmt: skip
    assert made is not None
    mine = client.benchmarks.get_by_id(made.benchmark_id)
    first = client.benchmarks.get_by_key("first-steps")
    done: dict[tuple[str, str], Evaluation] = {}
    for benchmark in (first, mine):
        for key in SKILL:
            evaluation = client.evaluations.create(model=client.models.get_by_key(key), benchmark=benchmark)
            assert evaluation is not None
            done[key, benchmark.key] = evaluation
    for name, evaluation in done.items():
        ended = client.evaluations.wait_for_completion(evaluation, timeout_seconds=300)
        assert ended is not None
        done[name] = ended
    time.sleep(20)  # Their summaries come a little later.
    script.slow = True
    client.evaluations.create(model=client.models.get_by_key("gpt-4o"), benchmark=mine, concurrency=8)
    better, worse = done["gpt-4o", mine.key], done["gpt-4o-mini", mine.key]
    chosen = urlencode({"model": "gpt-4o", "benchmark": mine.key})
    return {
        "home": "/",
        "new": f"/evaluations/new?{chosen}",
        "evaluations": "/evaluations",
        "evaluation": f"/evaluations/{worse.id}",
        "results": f"/evaluations/{worse.id}/results?outcome=incorrect",
        "result": f"/evaluations/{worse.id}/results/0-3",
        "compare": f"/compare?{urlencode({'a': better.id, 'b': worse.id})}",
        "leaderboard": f"/leaderboard?benchmark={mine.id}",
        "models": "/models",
        "benchmarks": "/benchmarks",
        "benchmark": f"/benchmarks/{mine.id}",
        "settings": "/settings",
    }


def questions() -> Any:
    """Yield the rows of a benchmark of sums, a few hundred in five subsets."""
    dice = random.Random(7)
    for _ in range(90):
        a, b = dice.randint(12, 990), dice.randint(12, 990)
        yield {"input": f"What is {a} plus {b}?", "truth": str(a + b), "subset": "addition"}
        yield {"input": f"What is {a + b} minus {a}?", "truth": str(b), "subset": "subtraction"}
        yield {
            "input": f"What is {a} times {b % 20 + 2}?",
            "truth": str(a * (b % 20 + 2)),
            "subset": "multiplication",
        }
        share = dice.choice((5, 10, 15, 20, 25, 30, 40, 60, 75))
        yield {
            "input": f"What is {share}% of {b * 20}?",
            "truth": str(share * b // 5),
            "subset": "percentages",
        }
        people, each = dice.randint(3, 30), dice.randint(12, 80)
        text = f"{people} colleagues order lunch for {each} dollars each; the firm pays {people * 2}."
        yield {
            "input": f"{text} How much is left to pay?",
            "truth": str(people * each - people * 2),
            "subset": "word problems",
        }


def take(
    browser: Browser, address: str, screens: dict[str, str], scheme: Any, width: int, suffix: str
) -> None:
    """Take the pictures of all screens in one colour scheme and width; say what a browser complains about."""
    context = browser.new_context(
        base_url=address, viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    page = context.new_page()
    page.on("console", lambda message: message.type == "error" and print("console:", page.url, message.text))
    for name, path in screens.items():
        page.goto(path, wait_until="load")
        page.wait_for_timeout(900)  # for what scripts put in its place
        if page.evaluate("document.documentElement.scrollWidth") > width:
            print(f"{name}{suffix}: wider than the window")
        page.screenshot(path=FOLDER / f"{name}-{scheme}{suffix}.png", full_page=True)
        print(f"{name}-{scheme}{suffix}")
    context.close()


if __name__ == "__main__":
    main()
