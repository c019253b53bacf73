"""Letters about what is no order."""

import sqlalchemy as sa
from alembic import op

revision = "cosmo_0003"
down_revision = "cosmo_0002"


def upgrade() -> None:
    with op.batch_alter_table("cosmo_mail") as mail:
        mail.alter_column("order_id", existing_type=sa.String(), nullable=True)
        mail.add_column(sa.Column("party_id", sa.String(), nullable=True))
        mail.add_column(sa.Column("plant_id", sa.String(), nullable=True))
        mail.add_column(sa.Column("path", sa.String(), server_default="", nullable=False))
        mail.create_foreign_key(op.f("fk_cosmo_mail_party_id"), "cosmo_party", ["party_id"], ["id"])
        mail.create_foreign_key(op.f("fk_cosmo_mail_plant_id"), "cosmo_plant", ["plant_id"], ["id"])
        mail.create_index(op.f("ix_cosmo_mail_party_id"), ["party_id"], unique=False)
        mail.create_index(op.f("ix_cosmo_mail_plant_id"), ["plant_id"], unique=False)
