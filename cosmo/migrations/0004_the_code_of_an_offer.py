"""The code of an offer.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

revision = "cosmo_0004"
down_revision = "cosmo_0003"


def upgrade() -> None:
    op.add_column("cosmo_order", sa.Column("offer_code", sa.String(), server_default="", nullable=False))
