"""Price lists of segments with costs.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

from cosmo import columns

revision = "marketing_0007"
down_revision = "marketing_0006"


def upgrade() -> None:
    op.create_table(
        "marketing_segment",
        sa.Column("manufacturer_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["cosmo_party.id"], name=op.f("fk_marketing_segment_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["manufacturer_id"], ["cosmo_party.id"], name=op.f("fk_marketing_segment_manufacturer_id")
        ),
        sa.PrimaryKeyConstraint("manufacturer_id", "customer_id", name=op.f("pk_marketing_segment")),
    )
    op.add_column("marketing_paper", sa.Column("tax_percent", columns.DecimalText(), nullable=True))
    op.add_column(
        "marketing_price_list", sa.Column("segment", sa.String(), server_default="", nullable=False)
    )
    op.add_column("marketing_price_list", sa.Column("base", sa.JSON(), server_default="[]", nullable=False))
    op.add_column(
        "marketing_price_list", sa.Column("written_by", sa.String(), server_default="", nullable=False)
    )
