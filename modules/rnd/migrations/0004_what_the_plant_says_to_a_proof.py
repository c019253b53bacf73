"""What the plant says to a proof.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

revision = "rnd_0004"
down_revision = "rnd_0003"


def upgrade() -> None:
    op.add_column("rnd_proof", sa.Column("note", sa.String(), server_default="", nullable=False))
