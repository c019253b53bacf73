"""Saved designs.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

from cosmo import columns

revision = "interaction_0002"
down_revision = "interaction_0001"


def upgrade() -> None:
    op.create_table(
        "interaction_design",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("share_key", sa.String(), nullable=True),
        sa.Column("saved_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["cosmo_order.id"], name=op.f("fk_interaction_design_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interaction_design")),
        sa.UniqueConstraint("order_id", name=op.f("uq_interaction_design_order_id")),
        sa.UniqueConstraint("share_key", name=op.f("uq_interaction_design_share_key")),
    )
