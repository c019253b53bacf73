"""Fewer indexes for deliveries.

Made from the models by `cosmo migrate --write`.
"""

from alembic import op

revision = "cosmo_0005"
down_revision = "cosmo_0004"


def upgrade() -> None:
    op.drop_index(op.f("ix_cosmo_delivery_next_at"), table_name="cosmo_delivery")
    op.drop_index(op.f("ix_cosmo_delivery_state"), table_name="cosmo_delivery")
    op.create_index("ix_cosmo_delivery_state", "cosmo_delivery", ["state", "next_at"], unique=False)
