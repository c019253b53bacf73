"""First tables.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

from cosmo import columns

revision = "service_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "service_claim",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("manufacturer_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("attachment_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("remake_id", sa.String(), nullable=True),
        sa.Column("opened_at", columns.UtcDateTime(), nullable=False),
        sa.Column("answered_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["manufacturer_id"], ["cosmo_party.id"], name=op.f("fk_service_claim_manufacturer_id")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["cosmo_order.id"], name=op.f("fk_service_claim_order_id")),
        sa.ForeignKeyConstraint(["remake_id"], ["cosmo_order.id"], name=op.f("fk_service_claim_remake_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_claim")),
    )
    op.create_index(
        op.f("ix_service_claim_manufacturer_id"), "service_claim", ["manufacturer_id"], unique=False
    )
    op.create_index(op.f("ix_service_claim_order_id"), "service_claim", ["order_id"], unique=False)
    op.create_index(op.f("ix_service_claim_state"), "service_claim", ["state"], unique=False)
    op.create_table(
        "service_passport",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("made_at", columns.UtcDateTime(), nullable=False),
        sa.Column("warranty_from", columns.UtcDateTime(), nullable=True),
        sa.Column("warranty_until", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["cosmo_order.id"], name=op.f("fk_service_passport_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_service_passport")),
        sa.UniqueConstraint("code", name=op.f("uq_service_passport_code")),
    )
    op.create_index(
        op.f("ix_service_passport_warranty_from"), "service_passport", ["warranty_from"], unique=False
    )
    op.create_table(
        "service_rating",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("rated_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["cosmo_order.id"], name=op.f("fk_service_rating_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_service_rating")),
    )
