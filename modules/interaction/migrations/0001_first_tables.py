"""First tables.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

from cosmo import columns

revision = "interaction_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "interaction_message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("from_plant", sa.Boolean(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("sent_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["cosmo_account.id"], name=op.f("fk_interaction_message_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["cosmo_order.id"], name=op.f("fk_interaction_message_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interaction_message")),
    )
    op.create_index(
        op.f("ix_interaction_message_order_id"), "interaction_message", ["order_id"], unique=False
    )
