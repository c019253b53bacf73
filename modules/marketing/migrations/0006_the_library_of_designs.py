"""The library of designs.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

from cosmo import columns

revision = "marketing_0006"
down_revision = "marketing_0005"


def upgrade() -> None:
    op.create_table(
        "marketing_design",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("manufacturer_id", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("selections", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("changed_at", columns.UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["manufacturer_id"], ["cosmo_party.id"], name=op.f("fk_marketing_design_manufacturer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marketing_design")),
    )
    op.create_index(op.f("ix_marketing_design_family"), "marketing_design", ["family"], unique=False)
    op.create_index(
        op.f("ix_marketing_design_manufacturer_id"), "marketing_design", ["manufacturer_id"], unique=False
    )
