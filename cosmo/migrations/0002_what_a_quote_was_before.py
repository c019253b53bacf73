"""What a quote was before it was asked for anew.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

revision = "cosmo_0002"
down_revision = "cosmo_0001"


def upgrade() -> None:
    op.add_column("cosmo_order", sa.Column("former", sa.JSON(), nullable=True))
