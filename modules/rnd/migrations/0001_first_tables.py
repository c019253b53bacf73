"""first tables.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

from cosmo import columns
from cosmo.append_only import make_append_only

revision = "rnd_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "rnd_release",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("released_at", columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rnd_release")),
        sa.UniqueConstraint("family", "number", name=op.f("uq_rnd_release_family_number")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_rnd_release_family"), "rnd_release", ["family"], unique=False)
    op.create_table(
        "rnd_family",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("release_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["plant_id"], ["cosmo_plant.id"], name=op.f("fk_rnd_family_plant_id")),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_rnd_family")),
    )
    op.create_index(op.f("ix_rnd_family_plant_id"), "rnd_family", ["plant_id"], unique=False)
    op.create_table(
        "rnd_proof",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("artwork_id", sa.String(), nullable=False),
        sa.Column("print_key", sa.String(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("preview", sa.LargeBinary(), nullable=False),
        sa.Column("preview_type", sa.String(), nullable=False),
        sa.Column("made_at", columns.UtcDateTime(), nullable=False),
        sa.Column("answered_at", columns.UtcDateTime(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("comment", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["cosmo_order.id"], name=op.f("fk_rnd_proof_order_id")),
        sa.ForeignKeyConstraint(["plant_id"], ["cosmo_plant.id"], name=op.f("fk_rnd_proof_plant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rnd_proof")),
        sa.UniqueConstraint("order_id", "version", name=op.f("uq_rnd_proof_order_id_version")),
    )
    op.create_index(op.f("ix_rnd_proof_artwork_id"), "rnd_proof", ["artwork_id"], unique=False)
    op.create_index(op.f("ix_rnd_proof_order_id"), "rnd_proof", ["order_id"], unique=False)
    op.create_index(op.f("ix_rnd_proof_plant_id"), "rnd_proof", ["plant_id"], unique=False)
    op.create_index(op.f("ix_rnd_proof_state"), "rnd_proof", ["state"], unique=False)
    make_append_only(op.get_bind(), "rnd_release")
