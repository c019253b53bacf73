"""Customers' ideas.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

from cosmo import columns

revision = "rnd_0003"
down_revision = "rnd_0002"


def upgrade() -> None:
    op.create_table(
        "rnd_idea",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("author_id", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("sketch_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("chosen_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("posted_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["cosmo_party.id"], name=op.f("fk_rnd_idea_author_id")),
        sa.ForeignKeyConstraint(["claimed_by"], ["cosmo_account.id"], name=op.f("fk_rnd_idea_claimed_by")),
        sa.ForeignKeyConstraint(["plant_id"], ["cosmo_plant.id"], name=op.f("fk_rnd_idea_plant_id")),
        sa.ForeignKeyConstraint(["sketch_id"], ["cosmo_attachment.id"], name=op.f("fk_rnd_idea_sketch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rnd_idea")),
        sa.UniqueConstraint("key", name=op.f("uq_rnd_idea_key")),
    )
    op.create_index(op.f("ix_rnd_idea_author_id"), "rnd_idea", ["author_id"], unique=False)
    op.create_index(op.f("ix_rnd_idea_claimed_by"), "rnd_idea", ["claimed_by"], unique=False)
    op.create_index(op.f("ix_rnd_idea_plant_id"), "rnd_idea", ["plant_id"], unique=False)
    op.create_index(op.f("ix_rnd_idea_sketch_id"), "rnd_idea", ["sketch_id"], unique=False)
    op.create_index(op.f("ix_rnd_idea_state"), "rnd_idea", ["state"], unique=False)
    op.create_table(
        "rnd_idea_proposal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("idea_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("picture_id", sa.String(), nullable=True),
        sa.Column("price", columns.DecimalText(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("posted_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["cosmo_account.id"], name=op.f("fk_rnd_idea_proposal_account_id")
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["rnd_idea.id"], name=op.f("fk_rnd_idea_proposal_idea_id")),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["cosmo_attachment.id"], name=op.f("fk_rnd_idea_proposal_picture_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rnd_idea_proposal")),
    )
    op.create_index(
        op.f("ix_rnd_idea_proposal_account_id"), "rnd_idea_proposal", ["account_id"], unique=False
    )
    op.create_index(op.f("ix_rnd_idea_proposal_idea_id"), "rnd_idea_proposal", ["idea_id"], unique=False)
    op.create_index(
        op.f("ix_rnd_idea_proposal_picture_id"), "rnd_idea_proposal", ["picture_id"], unique=False
    )
    op.create_table(
        "rnd_idea_step",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("idea_id", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["cosmo_account.id"], name=op.f("fk_rnd_idea_step_account_id")
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["rnd_idea.id"], name=op.f("fk_rnd_idea_step_idea_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rnd_idea_step")),
    )
    op.create_index(op.f("ix_rnd_idea_step_idea_id"), "rnd_idea_step", ["idea_id"], unique=False)
    op.create_table(
        "rnd_idea_vote",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("idea_id", sa.String(), nullable=False),
        sa.Column("voter", sa.String(), nullable=False),
        sa.Column("voted_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["rnd_idea.id"], name=op.f("fk_rnd_idea_vote_idea_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rnd_idea_vote")),
        sa.UniqueConstraint("idea_id", "voter", name=op.f("uq_rnd_idea_vote_idea_id_voter")),
    )
    op.create_index(op.f("ix_rnd_idea_vote_idea_id"), "rnd_idea_vote", ["idea_id"], unique=False)
