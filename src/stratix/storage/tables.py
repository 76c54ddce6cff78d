"""The tables, in one place; migrations bring a database to this shape."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

# Plain JSON on PostgreSQL too: JSONB would send a prompt's object with its keys in another order.
Json = JSON()
NullableJson = JSON(none_as_null=True)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# One row: the revision of these tables, and the oldest whose code can work with them.
schema_versions = Table(
    "schema_versions",
    metadata,
    Column("revision", String(16), primary_key=True),
    Column("oldest", String(16), nullable=False),
)

organizations = Table(
    "organizations",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(256), nullable=False),
    Column("created_at", Float, nullable=False),
)

projects = Table(
    "projects",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False, index=True),
    Column("name", String(256), nullable=False),
    # The public models and benchmarks chosen for the project; NULL: all of them.
    Column("model_ids", NullableJson),
    Column("benchmark_ids", NullableJson),
    Column("created_at", Float, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    # SHA-256 of the key: keys are random and long, so a slow hash would buy nothing.
    Column("hash", String(64), nullable=False, unique=True),
    Column("prefix", String(16), nullable=False),
    Column("name", String(256), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("revoked_at", Float),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("key", String(256), primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("status_code", Integer, nullable=False),
    Column("response", Json, nullable=False),
    Column("created_at", Float, nullable=False),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("key", String(512), nullable=False),
    Column("filename", String(512), nullable=False),
    Column("content_type", String(256), nullable=False),
    Column("size", Integer, nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("expires_at", Float, nullable=False),
    # NULL until the bytes have arrived; the row goes once they are used.
    Column("content", LargeBinary),
    Column("created_at", Float, nullable=False),
    Index("ix_uploads_project_key", "project_id", "key"),
)

custom_models = Table(
    "custom_models",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("key", String(256), nullable=False),
    Column("name", String(256), nullable=False),
    Column("description", String(500), nullable=False),
    Column("api_url", Text, nullable=False),
    Column("max_tokens", Integer, nullable=False),
    Column("extra_payload", NullableJson),
    # What its endpoint allows a minute; NULL where nobody has said.
    Column("requests_per_minute", Integer),
    Column("tokens_per_minute", Integer),
    # US dollars a token, as decimal texts; NULL where nobody has said.
    Column("cost_per_input_token", String(40)),
    Column("cost_per_output_token", String(40)),
    Column("api_key_encrypted", Text),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("created_at", Float, nullable=False),
    # A deleted model keeps its row for the evaluations that refer to it; its key is free again.
    Index(
        "uq_custom_models_live_key",
        "project_id",
        "key",
        unique=True,
        sqlite_where=text("disabled = 0"),
        postgresql_where=text("NOT disabled"),
    ),
)

custom_benchmarks = Table(
    "custom_benchmarks",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("key", String(256), nullable=False),
    Column("name", String(64), nullable=False),
    Column("description", String(280), nullable=False),
    Column("input_type", String(32)),
    Column("metrics", Json, nullable=False),
    Column("files", Json, nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("created_at", Float, nullable=False),
    Index(
        "uq_custom_benchmarks_live_key",
        "project_id",
        "key",
        unique=True,
        sqlite_where=text("disabled = 0"),
        postgresql_where=text("NOT disabled"),
    ),
)

benchmark_versions = Table(
    "benchmark_versions",
    metadata,
    Column("id", String(40), primary_key=True),
    # A public benchmark's id from the catalogue or a row of custom_benchmarks.
    Column("benchmark_id", String(40), nullable=False),
    Column("version", String(64), nullable=False),
    Column("task", Json, nullable=False),
    Column("prompt_count", Integer, nullable=False),
    Column("subsets", Json, nullable=False),
    Column("source", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Index("uq_benchmark_versions_version", "benchmark_id", "version", unique=True),
)

prompts = Table(
    "prompts",
    metadata,
    Column("version_id", ForeignKey("benchmark_versions.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("prompt_id", String(256), nullable=False),
    Column("subset", String(256), nullable=False),
    Column("input", Json, nullable=False),
    Column("truth", Text, nullable=False),
    Column("aliases", Json, nullable=False),
    Column("choices", Json, nullable=False),
    Column("metadata", Json, nullable=False),
)

_LISTED = "id", "status", "model_id", "benchmark_id"

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
    Index(
        "ix_evaluations_public",
        "submitted_at",
        sqlite_where=text("is_public = 1"),
        postgresql_where=text("is_public"),
    ),
    Index("ix_evaluations_status", "status"),
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

# The worker processes, and for a while those that are gone.
workers = Table(
    "workers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("host", String(256), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", String(64), nullable=False),
    Column("started_at", Float, nullable=False),
    Column("beat_at", Float, nullable=False),
    # When others could have its work, because it left or did not beat any more.
    Column("lost_at", Float),
    # How things stand in it, by series; see `storage/counters.py`.
    Column("gauges", NullableJson),
)

# What all workers together have counted since the platform was set up: a row for each series.
counters = Table(
    "counters",
    metadata,
    # Name and labels as JSON.
    Column("series", String(512), primary_key=True),
    Column("value", Float, nullable=False),
)

# What an evaluation, a project or an API key may spend, and what it has spent since that was set.
budgets = Table(
    "budgets",
    metadata,
    Column("owner_id", String(40), primary_key=True),
    # Trillionths of a US dollar, which are whole numbers for every price there is; NULL: no cap.
    Column("cap_picos", BigInteger),
    Column("cap_tokens", BigInteger),
    Column("spent_picos", BigInteger, nullable=False, default=0),
    Column("spent_tokens", BigInteger, nullable=False, default=0),
    # Calls that were counted at the most they can cost, for want of the endpoint's own figures.
    Column("assumed_calls", BigInteger, nullable=False, default=0),
    Column("since", Float, nullable=False),
)

# What processes have set aside of a budget for calls on their way and for the next ones.
budget_leases = Table(
    "budget_leases",
    metadata,
    Column("owner_id", ForeignKey("budgets.owner_id", ondelete="CASCADE"), primary_key=True),
    Column("holder", String(64), primary_key=True),
    Column("picos", BigInteger, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("heard_at", Float, nullable=False),
)

# Answers to requests that were made before; without an answer a row says who is asking at the moment.
cached_answers = Table(
    "cached_answers",
    metadata,
    Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    # SHA-256 of endpoint, model, body and epoch.
    Column("key", String(64), primary_key=True),
    Column("model_id", String(40), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("claimed_by", String(64)),
    Column("claimed_until", Float),
    Column("answer", Text),
    Index("ix_cached_answers_model", "project_id", "model_id"),
    Index("ix_cached_answers_claimed_by", "claimed_by"),
)

# What each worker may send to an endpoint it is calling, so that together they keep to its limit.
endpoint_shares = Table(
    "endpoint_shares",
    metadata,
    # SHA-256 of its address and key, and the worker's own name.
    Column("endpoint", String(64), primary_key=True),
    Column("worker", String(64), primary_key=True),
    # By the database's clock: when the worker was last heard of, and until when it found the endpoint closed.
    Column("heard_at", Float, nullable=False),
    Column("closed_until", Float, nullable=False),
    # Requests it would like to have in flight, the lowest priority number among them, and those it may have.
    Column("demand", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("places", Integer, nullable=False),
)
