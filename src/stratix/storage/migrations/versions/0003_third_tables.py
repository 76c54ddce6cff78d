"""Third tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    with op.batch_alter_table("evaluations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("spent", sa.JSON(none_as_null=True), nullable=True))
        batch_op.create_index(
            "ix_evaluations_project_benchmark",
            ["project_id", "benchmark_id", "submitted_at", "status", "model_id", "id"],
            unique=False,
        )


def downgrade() -> None:
    """Undo the revision."""
    with op.batch_alter_table("evaluations", schema=None) as batch_op:
        batch_op.drop_index("ix_evaluations_project_benchmark")
        batch_op.drop_column("spent")
