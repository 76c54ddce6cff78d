"""What one prompt may spend: every attempt at its answer, and its judging."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from stratix import metrics
from stratix.benchmarks.base import Prompt
from stratix.benchmarks.tokens import VERDICT, VERDICTS_TRIED, most_for_verdict, most_tokens
from stratix.providers.base import Completion, Provider, ProviderError
from stratix.runner.budget import Budget
from stratix.runner.endpoints import Model, Price
from stratix.runner.job import Job
from stratix.runner.judging import question
from stratix.runner.request import compose
from stratix.scorers import JudgedScorer, JudgeError
from stratix.storage.budgets import PICOS, Amount


class Purse:
    """Reserves what each call for a prompt may take, and settles what it took.

    With the first call for the answer goes what judging it may take, so that an answer that has been
    paid for is judged whatever others spend meanwhile. Use as `async with`: at the end what was set
    aside for judging and not needed goes back.

    Args:
        budget: of the evaluation.
        job: the evaluation.
        prompt: what is asked.
    """

    def __init__(self, budget: Budget, job: Job, prompt: Prompt) -> None:
        self._budget = budget
        self._wanted = _for_judging(job, prompt)
        self._aside = Amount()
        self.model = counted(job.model, self._reserve, budget.settle)
        self.judge = job.judge and counted(job.judge, self._reserve_for_judge, budget.settle)

    async def set_aside(self) -> None:
        """Reserve what judging may take, for an answer that nobody has to be asked for.

        Raises:
            Unwanted: a cap does not allow for it.
        """
        if self._wanted != Amount():
            await self._budget.reserve(self._wanted)
            self._aside = self._wanted

    async def _reserve(self, need: Amount) -> None:
        if self._aside == Amount():
            await self._budget.reserve(need + self._wanted)
            self._aside = self._wanted
        else:
            await self._budget.reserve(need)

    async def _reserve_for_judge(self, need: Amount) -> None:
        if self._aside.covers(need):
            self._aside -= need
        elif not await self._budget.reserve_now(need):
            raise JudgeError("The budget does not allow for judging this answer, which is very long.")

    async def __aenter__(self) -> Purse:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._budget.settle(self._aside)
        self._aside = Amount()


Reserve = Callable[[Amount], Awaitable[None]]
Settle = Callable[..., None]


def counted(model: Model, reserve: Reserve, settle: Settle) -> Model:
    """Return a model whose every call is reserved before, and settled after.

    Args:
        model: which one.
        reserve: sets aside the most a call can take, or raises.
        settle: notes what it took; see `Budget.settle`.
    """
    return replace(model, provider=_Counted(model, reserve, settle))


class _Counted(Provider):
    """An endpoint whose every call is reserved before, and settled after."""

    def __init__(self, model: Model, reserve: Reserve, settle: Settle) -> None:
        self.name = model.provider.name
        self.concurrency = model.provider.concurrency
        self._inner = model.provider
        self._price = model.price
        self._reserve = reserve
        self._settle = settle

    async def complete(self, body: Mapping[str, Any]) -> Completion:
        """Ask the endpoint within the budget; see `Provider.complete`."""
        read, written = most_tokens(body)
        most = amount(self._price, read, written)
        await self._reserve(most)
        spent, assumed = most, True  # Until it is known better: what was sent may be billed.
        try:
            completion = await self._inner.complete(body)
            tokens = completion.tokens_input, completion.tokens_output
            assumed = None in tokens
            spent = amount(
                self._price,
                read if tokens[0] is None else tokens[0],
                written if tokens[1] is None else tokens[1],
            )
        except ProviderError as error:
            if not error.may_be_billed:
                spent, assumed = Amount(), False
            raise
        finally:
            self._settle(most, spent, assumed=assumed)
        return completion


def amount(price: Price | None, read: int, written: int) -> Amount:
    """Return what tokens come to; in dollars nothing where the price is not known."""
    if price is None:
        return Amount(0, read + written)
    return Amount(round(price.input * PICOS) * read + round(price.output * PICOS) * written, read + written)


def _for_judging(job: Job, prompt: Prompt) -> Amount:
    """Return what judging an answer may take, unless the answer has very long words."""
    if job.judge is None:
        return Amount()
    scorer = job.scorer(prompt.subset)
    grades = isinstance(scorer, JudgedScorer)
    verdicts = grades + len(metrics.rubric_metrics().keys() & set(job.evaluation.metrics))
    shown = len("".join((question(prompt), prompt.truth, *prompt.aliases, repr(scorer))).encode())
    read = round(most_for_verdict(shown, job.task.generation.max_tokens))
    _, written = most_tokens(compose(job.judge.settings, [], VERDICT))
    return amount(job.judge.price, read, written) * (verdicts * VERDICTS_TRIED)
