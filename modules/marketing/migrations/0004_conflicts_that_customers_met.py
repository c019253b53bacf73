"""Conflicts that customers met.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

revision = "marketing_0004"
down_revision = "marketing_0003"


def upgrade() -> None:
    op.create_table(
        "marketing_conflict_met",
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("option", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plant_id"], ["cosmo_plant.id"], name=op.f("fk_marketing_conflict_met_plant_id")
        ),
        sa.PrimaryKeyConstraint(
            "plant_id", "family", "day", "rule", "option", "value", name=op.f("pk_marketing_conflict_met")
        ),
    )
