"""Stored answers judged again."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from stratix.storage.tables._base import Json, NullableJson, metadata

# The verdicts that results came with, where they have those of a scoring now.
original_verdicts = Table(
    "original_verdicts",
    metadata,
    Column("evaluation_id", ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("outcome", String(24), nullable=False),
    Column("score", Float, nullable=False),
    Column("extracted", Text),
    Column("explanation", Text, nullable=False),
    Column("error", Text),
    Column("grade", String(64)),
)

# An evaluation's answers judged again by other scorers, or graded by another judge.
scorings = Table(
    "scorings",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("evaluation_id", ForeignKey("evaluations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("status", String(16), nullable=False),
    Column("status_description", Text, nullable=False, default=""),
    Column("scorer", Json, nullable=False),
    Column("subset_scorers", Json, nullable=False),
    # The model that grades, where one was chosen; what that has taken, cost in US dollars.
    Column("judge_model_id", String(40)),
    Column("judge_model_key", String(256)),
    Column("is_custom_judge", Boolean),
    Column("judge_tokens_input", Integer),
    Column("judge_tokens_output", Integer),
    Column("judge_cost", Float),
    # By scorer; NULL until a worker has taken it up.
    Column("versions", NullableJson),
    # The worker that has it, and when that was last heard of.
    Column("worker", String(64)),
    Column("heard_at", Float),
    Column("created_at", Float, nullable=False),
    Column("finished_at", Float),
    # Answers to score, and those scored; counted in the transaction that stores them.
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False, default=0),
    # Written once, when it has ended in success.
    Column("changed", Integer),
    Column("transitions", NullableJson),
    Column("accuracy", Float),
    Column("outcomes", NullableJson),
    Column("aggregates", NullableJson),
    Index("ix_scorings_status", "status"),
)

scoring_rows = Table(
    "scoring_rows",
    metadata,
    Column("scoring_id", ForeignKey("scorings.id", ondelete="CASCADE"), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("outcome", String(24), nullable=False),
    Column("score", Float, nullable=False),
    Column("extracted", Text),
    Column("explanation", Text, nullable=False),
    # As in `results`.
    Column("grade", String(64)),
    Column("judge_tokens_input", Integer),
    Column("judge_tokens_output", Integer),
    Column("judge_cost", Float),
    Column("judge_replies", NullableJson),
)
