"""What all tables have in common, and the table that says which revision they are."""

from __future__ import annotations

from sqlalchemy import JSON, Column, MetaData, String, Table

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
