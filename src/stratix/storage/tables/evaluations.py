"""Evaluations and their results."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from stratix.storage.tables._base import Json, NullableJson, metadata

_LISTED = "id", "status", "model_id", "benchmark_id"

NEEDS_ATTENTION = (
    "(status IN ('failure','timeout','paused') OR status = 'success' AND status_description<>'')"
)
"""Evaluations that somebody should look at, written as their index has it, or that would not be used."""

evaluations = Table(
    "evaluations",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("is_public", Boolean, nullable=False, default=False),
    Column("status", String(16), nullable=False),
    Column("status_description", Text, nullable=False, default=""),
    # Raised by whatever makes running work obsolete; a slice of an older generation leaves.
    Column("generation", Integer, nullable=False, default=0),
    # The generation the queue has taken up; behind `generation` while there is work to enqueue.
    Column("enqueued_generation", Integer, nullable=False, default=-1),
    Column("submitted_at", Float, nullable=False),
    Column("started_at", Float),
    Column("finished_at", Float),
    # Since when it is paused; and the seconds since its start in which it was paused or had ended.
    Column("paused_at", Float),
    Column("idle_seconds", Float, nullable=False, server_default="0"),
    # How long it may run; NULL: as the server's setting says. When that is over; NULL until it starts.
    Column("deadline_seconds", Float),
    Column("deadline_at", Float),
    # How often it was taken up again after its end.
    Column("retries", Integer, nullable=False, server_default="0"),
    Column("model_id", String(40), nullable=False),
    Column("model_key", String(256), nullable=False),
    Column("model_name", String(256), nullable=False),
    Column("model_company", String(256), nullable=False, default=""),
    Column("is_custom_model", Boolean, nullable=False),
    # The model that grades answers, where one was chosen.
    Column("judge_model_id", String(40)),
    Column("judge_model_key", String(256)),
    Column("is_custom_judge", Boolean),
    Column("benchmark_id", String(40), nullable=False),
    Column("benchmark_key", String(256), nullable=False),
    Column("benchmark_name", String(256), nullable=False),
    Column("is_custom_benchmark", Boolean, nullable=False),
    Column("version_id", ForeignKey("benchmark_versions.id")),
    Column("limit", Integer),
    Column("epochs", Integer, nullable=False, default=1),
    # How the scores of a prompt's epochs become one: mean, majority or pass@K.
    Column("epochs_reducer", String(16), nullable=False, server_default="mean"),
    Column("concurrency", Integer),
    # Worked examples before each question; NULL: as many as the benchmark has of itself.
    Column("shots", Integer),
    # Whose prompts are asked first where several evaluations wait for one endpoint: the lower number's.
    Column("priority", Integer, nullable=False, server_default="0"),
    # Names of the metrics to measure.
    Column("metrics", Json, nullable=False, default=list),
    # Above this share of invalid answers the status description says so.
    Column("invalid_threshold", Float, nullable=False, default=0.05),
    # The most it may spend, and whether answers are taken from the cache.
    Column("budget_usd", Float),
    Column("budget_tokens", BigInteger),
    Column("cache", Boolean, nullable=False, server_default="0"),
    # The API key that made it.
    Column("api_key_id", String(40)),
    # The cap that paused it and the generation of that pause, `OWNER:GENERATION`.
    Column("budget_stop", String(64)),
    # Prompts times epochs; NULL until the benchmark is at hand.
    Column("total", Integer),
    # Counted in the transaction that stores the results, so they always agree with the rows.
    Column("done", Integer, nullable=False, default=0),
    Column("outcomes", Json, nullable=False),
    # What they took; see `storage/spending.py`. NULL: nothing is counted yet.
    Column("spent", NullableJson),
    # Written once, when the evaluation starts: what makes its number.
    Column("settings", NullableJson),
    # Written once, when the evaluation ends.
    Column("aggregates", NullableJson),
    # The scoring whose verdicts the results have; NULL: those they came with.
    Column("shown_scoring_id", String(40)),
    Column("accuracy", Float, nullable=False, default=0.0),
    Column("average_duration", Integer, nullable=False, default=0),
    Column("summary", NullableJson),
    # The generation whose end has its summary, or has been given up; behind `generation` while one is due.
    Column("summary_generation", Integer),
    Column("summary_attempts", Integer, nullable=False, default=0, server_default="0"),
    # Until when a worker has it in hand.
    Column("summary_lease", Float),
    # Why there is none.
    Column("summary_error", Text),
    # For each way to sort, with what lists are filtered by: a page is found without reading other rows.
    Index("ix_evaluations_project_submitted", "project_id", "submitted_at", *_LISTED),
    Index("ix_evaluations_project_accuracy", "project_id", "accuracy", "submitted_at", *_LISTED),
    Index("ix_evaluations_project_duration", "project_id", "average_duration", "submitted_at", *_LISTED),
    Index(
        "ix_evaluations_project_pair",
        *("project_id", "model_id", "benchmark_id", "submitted_at", "status", "id"),
    ),
    # Those of one benchmark; it also tells which benchmarks there are, as the one before tells models.
    Index(
        "ix_evaluations_project_benchmark",
        *("project_id", "benchmark_id", "submitted_at", "status", "model_id", "id"),
    ),
    Index(
        "ix_evaluations_public",
        "submitted_at",
        sqlite_where=text("is_public = 1"),
        postgresql_where=text("is_public"),
    ),
    Index("ix_evaluations_status", "status"),
    Index(
        "ix_evaluations_attention",
        *("project_id", "submitted_at", *_LISTED),
        sqlite_where=text(NEEDS_ATTENTION),
        postgresql_where=text(NEEDS_ATTENTION),
    ),
    # Few rows at any time: workers ask often which summaries are due.
    Index(
        "ix_evaluations_summary_due",
        "finished_at",
        sqlite_where=text("finished_at IS NOT NULL AND summary_generation IS NOT generation"),
        postgresql_where=text("finished_at IS NOT NULL AND summary_generation IS DISTINCT FROM generation"),
    ),
)

results = Table(
    "results",
    metadata,
    Column("evaluation_id", ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("outcome", String(24), nullable=False),
    Column("score", Float, nullable=False),
    Column("answer", Text, nullable=False),
    Column("extracted", Text),
    Column("explanation", Text, nullable=False, default=""),
    Column("error", Text),
    Column("finish_reason", String(64)),
    Column("duration_ms", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("tokens_input", Integer),
    Column("tokens_output", Integer),
    Column("tokens_reasoning", Integer),
    Column("provider_request_id", String(256)),
    # What a judge said in its own word, and what asking it took.
    Column("grade", String(64)),
    Column("judge_tokens_input", Integer),
    Column("judge_tokens_output", Integer),
    # US dollars for the answer and its judging, and for the judging alone; NULL where a price is unknown.
    Column("cost", Float),
    Column("judge_cost", Float),
    # Whether the answer came from the cache; it cost nothing then.
    Column("cached", Boolean, nullable=False, server_default="0"),
    Column("metrics", Json, nullable=False),
    Column("created_at", Float, nullable=False),
    # Last, so that SQLite does not read past them for a page of results.
    Column("request", Text),
    Column("response", Text),
    # All the judge wrote, a list; NULL where none was asked.
    Column("judge_replies", NullableJson),
    # For looking at the failures of many results, in order.
    Index("ix_results_outcome", "evaluation_id", "outcome", "epoch", "position"),
)

# Results that are asked for again, as they were; back in their place if nothing new comes.
earlier_results = Table(
    "earlier_results",
    metadata,
    Column("evaluation_id", ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True),
    *(
        Column(column.name, column.type, primary_key=column.primary_key, nullable=column.nullable)
        for column in results.columns
        if column.name != "evaluation_id"
    ),
)

# Which workers have answers of which generation of an evaluation on their way. A later generation waits
# until these are stored, so that it asks for none of them again.
holds = Table(
    "holds",
    metadata,
    Column("evaluation_id", ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("worker", String(64), primary_key=True),
)

# How often a worker died with an evaluation in hand since `done` answers were stored.
deaths = Table(
    "deaths",
    metadata,
    Column("evaluation_id", ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("done", Integer, nullable=False),
)
