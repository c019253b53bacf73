"""First tables.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

from cosmo import columns

revision = "marketing_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "marketing_paper_number",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marketing_paper_number")),
    )
    op.create_table(
        "marketing_terms",
        sa.Column("manufacturer_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["cosmo_party.id"], name=op.f("fk_marketing_terms_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["manufacturer_id"], ["cosmo_party.id"], name=op.f("fk_marketing_terms_manufacturer_id")
        ),
        sa.PrimaryKeyConstraint("manufacturer_id", "customer_id", name=op.f("pk_marketing_terms")),
    )
    op.create_table(
        "marketing_offer",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("percent", columns.DecimalText(), nullable=False),
        sa.Column("from_quantity", sa.Integer(), nullable=False),
        sa.Column("valid_from", columns.UtcDateTime(), nullable=False),
        sa.Column("valid_to", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["plant_id"], ["cosmo_plant.id"], name=op.f("fk_marketing_offer_plant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marketing_offer")),
    )
    op.create_index(op.f("ix_marketing_offer_family"), "marketing_offer", ["family"], unique=False)
    op.create_index(op.f("ix_marketing_offer_plant_id"), "marketing_offer", ["plant_id"], unique=False)
    op.create_table(
        "marketing_price_list",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("valid_from", columns.UtcDateTime(), nullable=False),
        sa.Column("valid_to", columns.UtcDateTime(), nullable=True),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plant_id"], ["cosmo_plant.id"], name=op.f("fk_marketing_price_list_plant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marketing_price_list")),
    )
    op.create_index(op.f("ix_marketing_price_list_family"), "marketing_price_list", ["family"], unique=False)
    op.create_index(
        op.f("ix_marketing_price_list_plant_id"), "marketing_price_list", ["plant_id"], unique=False
    )
    op.create_table(
        "marketing_paper",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("amount", columns.DecimalText(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("issued_at", columns.UtcDateTime(), nullable=False),
        sa.Column("due_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["cosmo_order.id"], name=op.f("fk_marketing_paper_order_id")),
        sa.ForeignKeyConstraint(["plant_id"], ["cosmo_plant.id"], name=op.f("fk_marketing_paper_plant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marketing_paper")),
        sa.UniqueConstraint("number", name=op.f("uq_marketing_paper_number")),
    )
    op.create_index(op.f("ix_marketing_paper_order_id"), "marketing_paper", ["order_id"], unique=False)
    op.create_index(op.f("ix_marketing_paper_plant_id"), "marketing_paper", ["plant_id"], unique=False)
