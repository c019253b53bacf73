"""A carton holds 1.08 square metres: its pieces are exact decimals."""

import sqlalchemy as sa
from alembic import op

from cosmo import columns

revision = "logistics_0002"
down_revision = "logistics_0001"


def upgrade() -> None:
    with op.batch_alter_table("logistics_unit") as table:
        table.alter_column(
            "pieces", existing_type=sa.Integer(), type_=columns.DecimalText(), existing_nullable=False
        )
