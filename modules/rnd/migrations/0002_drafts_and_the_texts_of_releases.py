"""Drafts and the texts of releases.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

from cosmo import columns

revision = "rnd_0002"
down_revision = "rnd_0001"


def upgrade() -> None:
    op.create_table(
        "rnd_draft",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("touched", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("started_at", columns.UtcDateTime(), nullable=False),
        sa.Column("updated_at", columns.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("release_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["family"], ["rnd_family.slug"], name=op.f("fk_rnd_draft_family")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rnd_draft")),
    )
    op.create_index(op.f("ix_rnd_draft_family"), "rnd_draft", ["family"], unique=False)
    op.create_index(
        "uq_rnd_draft_open",
        "rnd_draft",
        ["family"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.add_column("rnd_release", sa.Column("files", sa.JSON(), nullable=True))
