"""The shop's catalogue.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

from cosmo import columns

revision = "marketing_0002"
down_revision = "marketing_0001"


def upgrade() -> None:
    op.create_table(
        "marketing_catalogue_change",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("manufacturer_id", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("changed_at", columns.UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("undone_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["manufacturer_id"],
            ["cosmo_party.id"],
            name=op.f("fk_marketing_catalogue_change_manufacturer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marketing_catalogue_change")),
    )
    op.create_index(
        op.f("ix_marketing_catalogue_change_manufacturer_id"),
        "marketing_catalogue_change",
        ["manufacturer_id"],
        unique=False,
    )
    op.create_table(
        "marketing_catalogue_entry",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("manufacturer_id", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("shown_since", columns.UtcDateTime(), nullable=True),
        sa.Column("headline", sa.JSON(), nullable=False),
        sa.Column("blurb", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["manufacturer_id"], ["cosmo_party.id"], name=op.f("fk_marketing_catalogue_entry_manufacturer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marketing_catalogue_entry")),
        sa.UniqueConstraint(
            "manufacturer_id", "family", name=op.f("uq_marketing_catalogue_entry_manufacturer_id_family")
        ),
    )
    op.create_index(
        op.f("ix_marketing_catalogue_entry_manufacturer_id"),
        "marketing_catalogue_entry",
        ["manufacturer_id"],
        unique=False,
    )
