"""First tables.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

from cosmo import columns

revision = "manufacturing_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "manufacturing_downtime",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("start", columns.UtcDateTime(), nullable=False),
        sa.Column("end", columns.UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("planned", sa.Boolean(), nullable=False),
        sa.Column("reported_by", sa.String(), nullable=False),
        sa.Column("reported_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plant_id"], ["cosmo_plant.id"], name=op.f("fk_manufacturing_downtime_plant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manufacturing_downtime")),
    )
    op.create_index(
        op.f("ix_manufacturing_downtime_plant_id"), "manufacturing_downtime", ["plant_id"], unique=False
    )
    op.create_table(
        "manufacturing_plan",
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("origin", columns.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("calendar_version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("published_at", columns.UtcDateTime(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("objective", sa.Integer(), nullable=False),
        sa.Column("dispatch_objective", sa.Integer(), nullable=True),
        sa.Column("solved_version", sa.Integer(), nullable=False),
        sa.Column("repair", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["plant_id"], ["cosmo_plant.id"], name=op.f("fk_manufacturing_plan_plant_id")
        ),
        sa.PrimaryKeyConstraint("plant_id", name=op.f("pk_manufacturing_plan")),
    )
    op.create_table(
        "manufacturing_scan",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("event_time", columns.UtcDateTime(), nullable=False),
        sa.Column("recorded_at", columns.UtcDateTime(), nullable=False),
        sa.Column("jobs", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("undone_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["plant_id"], ["cosmo_plant.id"], name=op.f("fk_manufacturing_scan_plant_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_manufacturing_scan")),
        sa.UniqueConstraint("plant_id", "client_id", name=op.f("uq_manufacturing_scan_plant_id_client_id")),
    )
    op.create_index(
        "ix_manufacturing_scan_resource",
        "manufacturing_scan",
        ["plant_id", "resource", "number"],
        unique=False,
    )
    op.create_table(
        "manufacturing_setup_matrix",
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("families", sa.JSON(), nullable=False),
        sa.Column("minutes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plant_id"], ["cosmo_plant.id"], name=op.f("fk_manufacturing_setup_matrix_plant_id")
        ),
        sa.PrimaryKeyConstraint("plant_id", "code", name=op.f("pk_manufacturing_setup_matrix")),
    )
    op.create_table(
        "manufacturing_work_centre",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("done", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("setup", sa.String(), nullable=True),
        sa.Column("shifts", sa.JSON(), nullable=False),
        sa.Column("cost_rate", columns.DecimalText(), nullable=False),
        sa.Column("firings", sa.JSON(), nullable=False),
        sa.Column("hazards", sa.JSON(), nullable=False),
        sa.Column("note", sa.JSON(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plant_id"], ["cosmo_plant.id"], name=op.f("fk_manufacturing_work_centre_plant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manufacturing_work_centre")),
        sa.UniqueConstraint("plant_id", "code", name=op.f("uq_manufacturing_work_centre_plant_id_code")),
    )
    op.create_index(
        op.f("ix_manufacturing_work_centre_plant_id"), "manufacturing_work_centre", ["plant_id"], unique=False
    )
    op.create_table(
        "manufacturing_job_order",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("lot", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("modes", sa.JSON(), nullable=False),
        sa.Column("family", sa.String(), nullable=True),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("min_lag", sa.Integer(), nullable=False),
        sa.Column("max_lag", sa.Integer(), nullable=True),
        sa.Column("ready", sa.Integer(), nullable=False),
        sa.Column("last", sa.Boolean(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("was_resource", sa.String(), nullable=True),
        sa.Column("was_start", sa.Integer(), nullable=True),
        sa.Column("moved_in", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("hold_until", columns.UtcDateTime(), nullable=True),
        sa.Column("guest", sa.Boolean(), nullable=False),
        sa.Column("actual_start", columns.UtcDateTime(), nullable=True),
        sa.Column("actual_end", columns.UtcDateTime(), nullable=True),
        sa.Column("good", sa.Integer(), nullable=True),
        sa.Column("scrap", sa.Integer(), nullable=False),
        sa.Column("scrap_reason", sa.String(), nullable=False),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.Column("issued", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["cosmo_order.id"], name=op.f("fk_manufacturing_job_order_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["plant_id"], ["cosmo_plant.id"], name=op.f("fk_manufacturing_job_order_plant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manufacturing_job_order")),
    )
    op.create_index(
        "ix_manufacturing_job_order_changed", "manufacturing_job_order", ["plant_id", "changed"], unique=False
    )
    op.create_index(
        op.f("ix_manufacturing_job_order_order_id"), "manufacturing_job_order", ["order_id"], unique=False
    )
    op.create_index(
        "ix_manufacturing_job_order_resource",
        "manufacturing_job_order",
        ["plant_id", "resource", "start"],
        unique=False,
    )
    op.create_index(
        "ix_manufacturing_job_order_state",
        "manufacturing_job_order",
        ["plant_id", "state", "start"],
        unique=False,
    )
    op.create_table(
        "manufacturing_production_order",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("lot", sa.Integer(), nullable=False),
        sa.Column("start_pieces", sa.Integer(), nullable=False),
        sa.Column("good_pieces", sa.Integer(), nullable=True),
        sa.Column("scrapped", sa.Integer(), nullable=False),
        sa.Column("shade_lot", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["cosmo_order.id"], name=op.f("fk_manufacturing_production_order_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["plant_id"], ["cosmo_plant.id"], name=op.f("fk_manufacturing_production_order_plant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manufacturing_production_order")),
        sa.UniqueConstraint("order_id", "lot", name=op.f("uq_manufacturing_production_order_order_id_lot")),
    )
    op.create_index(
        op.f("ix_manufacturing_production_order_order_id"),
        "manufacturing_production_order",
        ["order_id"],
        unique=False,
    )
