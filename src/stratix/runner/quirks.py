"""What a few answers of an endpoint say about it, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from layerlens.models import Quirk, TryCall

_SLOW_MS = 20_000
_MARGIN = 2
# A token is hardly longer than this, on the average of a text.
_LETTERS_A_TOKEN = 8


def quirks_of(calls: Sequence[TryCall]) -> list[Quirk]:
    """Return what is odd about an endpoint, or that nothing is.

    Args:
        calls: the requests of a try, the plain one first.
    """
    by_name = {call.name: call for call in calls}
    first = calls[0]
    if first.error:
        return [_problem(f"It gives no answer: {first.error}")]
    found = [*_answers(first), *_limit(by_name.get("token limit"))]
    found += [*_system(by_name.get("system message")), *_temperature(by_name)]
    if not any(quirk.severity == "problem" for quirk in found):
        found.insert(0, Quirk(severity="ok", message="It answers, and an evaluation can be run on it."))
    return found


def _answers(first: TryCall) -> list[Quirk]:
    found = []
    if not first.text.strip():
        said = " It only thought aloud." if first.reasoning else ""
        found.append(_problem(f"Its answer is empty (finish_reason {first.finish_reason!r}).{said}"))
    if first.finish_reason is None:
        found.append(_problem("It sends no finish_reason, so answers that are cut off cannot be told."))
    if first.tokens_input is None or first.tokens_output is None:
        found.append(
            _note("It reports no usage: tokens and cost stay unknown, and budgets count the most it can be.")
        )
    if first.reasoning:
        found.append(
            _note("It thinks aloud before it answers; only the answer is scored. Give it tokens for both.")
        )
    if first.duration_ms > _SLOW_MS:
        found.append(_note(f"It is slow: {first.duration_ms / 1000:.0f} s for a short answer."))
    return found


def _limit(call: TryCall | None) -> list[Quirk]:
    if call is None:
        return []
    limit: int = call.request["max_tokens"]
    if call.error:
        return [_problem(f"It refuses a limit of {limit} tokens: {call.error}")]
    reported = call.tokens_output
    counted = len(call.text) // _LETTERS_A_TOKEN if reported is None else reported
    if counted > limit + _MARGIN:
        about = "at least " if reported is None else ""
        return [_problem(f"It ignores the token limit: {about}{counted} tokens where {limit} were allowed.")]
    if call.finish_reason != "length":
        return [
            _note(
                f"An answer that should have been cut off at {limit} tokens ended with finish_reason "
                f"{call.finish_reason!r}: cut-off answers may count as wrong ones."
            )
        ]
    return [Quirk(severity="ok", message="It keeps to the token limit and says when an answer is cut off.")]


def _system(call: TryCall | None) -> list[Quirk]:
    if call is None:
        return []
    if call.error:
        return [_problem(f"It refuses a system message: {call.error}")]
    if "banana" not in call.text.casefold():
        return [_note("It did not do what the system message said.")]
    return []


def _temperature(calls: Mapping[str, TryCall]) -> list[Quirk]:
    cold = [calls[name] for name in ("temperature 0", "temperature 0 again") if name in calls]
    hot = calls.get("temperature 2")
    if len(cold) < 2 or hot is None:
        return []
    if failed := next((call for call in cold if call.error), None):
        return [_problem(f"It refuses temperature 0: {failed.error}")]
    if hot.error:
        return [_note(f"It refuses temperature 2: {hot.error}")]
    if cold[0].text != cold[1].text:
        return [
            _note("Two answers at temperature 0 differ: it is not deterministic, or ignores the temperature.")
        ]
    if hot.text == cold[0].text:
        return [_note("Its answer at temperature 2 is that at temperature 0: it may ignore the temperature.")]
    return [Quirk(severity="ok", message="It minds the temperature.")]


def _note(message: str) -> Quirk:
    return Quirk(severity="note", message=message)


def _problem(message: str) -> Quirk:
    return Quirk(severity="problem", message=message)
