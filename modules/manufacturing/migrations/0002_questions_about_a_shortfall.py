"""Questions about a shortfall.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

from cosmo import columns

revision = "manufacturing_0002"
down_revision = "manufacturing_0001"


def upgrade() -> None:
    op.create_table(
        "manufacturing_shortfall",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owed", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("second_day", sa.Date(), nullable=False),
        sa.Column("remake_day", sa.Date(), nullable=False),
        sa.Column("asked_at", columns.UtcDateTime(), nullable=False),
        sa.Column("until", columns.UtcDateTime(), nullable=False),
        sa.Column("answered_at", columns.UtcDateTime(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("lot", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("scrap", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["cosmo_order.id"], name=op.f("fk_manufacturing_shortfall_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["plant_id"], ["cosmo_plant.id"], name=op.f("fk_manufacturing_shortfall_plant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manufacturing_shortfall")),
    )
    op.create_index(
        "ix_manufacturing_shortfall_open",
        "manufacturing_shortfall",
        ["plant_id", "state", "until"],
        unique=False,
    )
    op.create_index(
        op.f("ix_manufacturing_shortfall_order_id"), "manufacturing_shortfall", ["order_id"], unique=False
    )
