"""Campaigns.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

from cosmo import columns

revision = "marketing_0005"
down_revision = "marketing_0004"


def upgrade() -> None:
    op.create_table(
        "marketing_campaign",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("families", sa.JSON(), nullable=False),
        sa.Column("percent", columns.DecimalText(), nullable=False),
        sa.Column("from_quantity", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("valid_from", columns.UtcDateTime(), nullable=False),
        sa.Column("valid_to", columns.UtcDateTime(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plant_id"], ["cosmo_plant.id"], name=op.f("fk_marketing_campaign_plant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marketing_campaign")),
    )
    op.create_index(op.f("ix_marketing_campaign_code"), "marketing_campaign", ["code"], unique=False)
    op.create_index(op.f("ix_marketing_campaign_plant_id"), "marketing_campaign", ["plant_id"], unique=False)
    op.create_index(op.f("ix_marketing_campaign_valid_to"), "marketing_campaign", ["valid_to"], unique=False)
