"""Pre-sales.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

from cosmo import columns

revision = "marketing_0003"
down_revision = "marketing_0002"


def upgrade() -> None:
    op.create_table(
        "marketing_presale",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=True),
        sa.Column("selections", sa.JSON(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("each", columns.DecimalText(), nullable=False),
        sa.Column("list_each", columns.DecimalText(), nullable=False),
        sa.Column("percent", columns.DecimalText(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("idea_id", sa.String(), nullable=True),
        sa.Column("opened_at", columns.UtcDateTime(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("ended_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["plant_id"], ["cosmo_plant.id"], name=op.f("fk_marketing_presale_plant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marketing_presale")),
    )
    op.create_index(op.f("ix_marketing_presale_idea_id"), "marketing_presale", ["idea_id"], unique=False)
    op.create_index(op.f("ix_marketing_presale_plant_id"), "marketing_presale", ["plant_id"], unique=False)
    op.create_index(op.f("ix_marketing_presale_state"), "marketing_presale", ["state"], unique=False)
    op.create_table(
        "marketing_pledge",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("presale_id", sa.String(), nullable=False),
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("ship_to_id", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("freight", columns.DecimalText(), nullable=False),
        sa.Column("freight_text", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sent", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("pledged_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["cosmo_order.id"], name=op.f("fk_marketing_pledge_order_id")),
        sa.ForeignKeyConstraint(["party_id"], ["cosmo_party.id"], name=op.f("fk_marketing_pledge_party_id")),
        sa.ForeignKeyConstraint(
            ["presale_id"], ["marketing_presale.id"], name=op.f("fk_marketing_pledge_presale_id")
        ),
        sa.ForeignKeyConstraint(
            ["ship_to_id"], ["cosmo_address.id"], name=op.f("fk_marketing_pledge_ship_to_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marketing_pledge")),
        sa.UniqueConstraint("key", name=op.f("uq_marketing_pledge_key")),
        sa.UniqueConstraint("presale_id", "sent", name=op.f("uq_marketing_pledge_presale_id_sent")),
    )
    op.create_index(op.f("ix_marketing_pledge_order_id"), "marketing_pledge", ["order_id"], unique=False)
    op.create_index(op.f("ix_marketing_pledge_party_id"), "marketing_pledge", ["party_id"], unique=False)
    op.create_index(op.f("ix_marketing_pledge_presale_id"), "marketing_pledge", ["presale_id"], unique=False)
    op.create_index(op.f("ix_marketing_pledge_ship_to_id"), "marketing_pledge", ["ship_to_id"], unique=False)
    op.create_index(op.f("ix_marketing_pledge_state"), "marketing_pledge", ["state"], unique=False)
