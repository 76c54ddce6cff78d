"""What an evaluation's results took: counted with each batch that is stored, or taken from the rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Table, and_, case, cast, false, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage.budgets import PICOS
from stratix.storage.tables import earlier_results, results

_TOKENS = ("tokens_input", "tokens_output", "tokens_reasoning", "judge_tokens_input", "judge_tokens_output")
_PART = 10**6


@dataclass(frozen=True, slots=True)
class Spent:
    """What results took, in whole numbers, so that it is the same in whatever order it is added up.

    Attributes:
        results: how many.
        cached: of these, answers that came from the cache.
        tokens_input: tokens the model read, as far as its endpoint reported them; likewise:
        tokens_output: tokens it wrote.
        tokens_reasoning: of these, reasoning.
        judge_tokens_input: tokens the judge read.
        judge_tokens_output: tokens it wrote.
        priced: results whose cost is known.
        picos: of these, trillionths of a US dollar for everything.
        judge_priced: results whose judging has a cost that is known.
        judge_picos: of these, trillionths of a US dollar for judging.
    """

    results: int = 0
    cached: int = 0
    tokens_input: int = 0
    tokens_output: int = 0
    tokens_reasoning: int = 0
    judge_tokens_input: int = 0
    judge_tokens_output: int = 0
    priced: int = 0
    picos: int = 0
    judge_priced: int = 0
    judge_picos: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(*(getattr(self, name) + getattr(other, name) for name in _NAMES))

    @property
    def cost(self) -> float | None:
        """US dollars for everything; None where the price of a part is not known."""
        return self.picos / PICOS if self.priced == self.results else None

    @property
    def judge_cost(self) -> float | None:
        """US dollars of these for judging; None likewise, or where there was no judge."""
        return self.judge_picos / PICOS if self.judge_priced == self.results else None

    @property
    def tokens(self) -> dict[str, int]:
        """Tokens by kind, as `layerlens.models.EvaluationTokens` names them."""
        return {
            "input": self.tokens_input,
            "output": self.tokens_output,
            "reasoning": self.tokens_reasoning,
            "judge_input": self.judge_tokens_input,
            "judge_output": self.judge_tokens_output,
        }

    def dump(self) -> dict[str, str]:
        """Return it as an evaluation's row keeps it; in digits, since JSON's numbers may be too small."""
        return {name: str(value) for name, value in asdict(self).items() if value}

    @classmethod
    def load(cls, kept: Mapping[str, str]) -> Spent:
        """Return what a row keeps."""
        return cls(**{name: int(kept.get(name, 0)) for name in _NAMES})

    @classmethod
    def of(cls, rows: Collection[Mapping[str, Any]]) -> Spent:
        """Add up rows of the table `results` that are not stored yet."""
        costs = [cost for row in rows if (cost := row.get("cost")) is not None]
        judge_costs = [cost for row in rows if (cost := row.get("judge_cost")) is not None]
        return cls(
            results=len(rows),
            cached=sum(1 for row in rows if row.get("cached")),
            **{name: sum(row.get(name) or 0 for row in rows) for name in _TOKENS},
            priced=len(costs),
            picos=sum(round(cost * PICOS) for cost in costs),
            judge_priced=len(judge_costs),
            judge_picos=sum(round(cost * PICOS) for cost in judge_costs),
        )


_NAMES = [field.name for field in fields(Spent)]


async def spent(connection: AsyncConnection, evaluation_id: str) -> Spent:
    """Add up what the results of an evaluation took, with what the ones took that are asked for again."""
    found = await _added_up(connection, results, evaluation_id, true())
    # Those are no results of it now, and a price that is not known of them makes no other unknown.
    return found + await _added_up(connection, earlier_results, evaluation_id, false())


async def _added_up(
    connection: AsyncConnection, of: Table, evaluation_id: str, counted: ColumnElement[bool]
) -> Spent:
    def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((and_(condition, counted), 1), else_=0)), 0)

    columns: list[ColumnElement[int]] = [count(true()), count(of.c.cached)]
    columns += [func.coalesce(func.sum(of.c[name]), 0) for name in _TOKENS]
    for cost in (of.c.cost, of.c.judge_cost):
        picos = cast(func.round(cost * PICOS), BigInteger)
        columns.append(count(cost.is_not(None)))
        # In two parts, since SQLite gives up on sums beyond 64 bits.
        columns += [func.coalesce(func.sum(part), 0) for part in (picos // _PART, picos % _PART)]
    row = (await connection.execute(select(*columns).where(of.c.evaluation_id == evaluation_id))).one()
    *plain, priced, high, low, judge_priced, judge_high, judge_low = map(int, row)
    costs = [priced, high * _PART + low, judge_priced, judge_high * _PART + judge_low]
    return Spent(*plain, *costs)


async def grades(connection: AsyncConnection, evaluation_id: str) -> dict[str, int]:
    """Count the grades a judge gave an evaluation's answers; empty where it gave none."""
    query = (
        select(results.c.grade, func.count())
        .where(results.c.evaluation_id == evaluation_id, results.c.grade.is_not(None))
        .group_by(results.c.grade)
        .order_by(results.c.grade)
    )
    return {row[0]: row[1] for row in await connection.execute(query)}
