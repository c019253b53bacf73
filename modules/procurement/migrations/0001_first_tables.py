"""First tables.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

from cosmo import columns
from cosmo.append_only import make_append_only

revision = "procurement_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "procurement_number",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purchase_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procurement_number")),
    )
    op.create_table(
        "procurement_supplier",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("manufacturer_id", sa.String(), nullable=False),
        sa.Column("capacity_per_week", sa.Integer(), nullable=True),
        sa.Column("capacity_unit", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("general", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["manufacturer_id"], ["cosmo_party.id"], name=op.f("fk_procurement_supplier_manufacturer_id")
        ),
        sa.ForeignKeyConstraint(
            ["party_id"], ["cosmo_party.id"], name=op.f("fk_procurement_supplier_party_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procurement_supplier")),
        sa.UniqueConstraint(
            "party_id", "manufacturer_id", name=op.f("uq_procurement_supplier_party_id_manufacturer_id")
        ),
    )
    op.create_index(
        op.f("ix_procurement_supplier_manufacturer_id"),
        "procurement_supplier",
        ["manufacturer_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_procurement_supplier_party_id"), "procurement_supplier", ["party_id"], unique=False
    )
    op.create_table(
        "procurement_material",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("supplier_id", sa.String(), nullable=True),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("order_specific", sa.Boolean(), nullable=False),
        sa.Column("reorder_point", columns.DecimalText(), nullable=False),
        sa.Column("order_up_to", columns.DecimalText(), nullable=False),
        sa.Column("min_quantity", columns.DecimalText(), nullable=False),
        sa.Column("pack_size", columns.DecimalText(), nullable=False),
        sa.Column("price", columns.DecimalText(), nullable=False),
        sa.Column("shelf_days", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["plant_id"], ["cosmo_plant.id"], name=op.f("fk_procurement_material_plant_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["procurement_supplier.id"], name=op.f("fk_procurement_material_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procurement_material")),
        sa.UniqueConstraint("plant_id", "code", name=op.f("uq_procurement_material_plant_id_code")),
    )
    op.create_index(
        op.f("ix_procurement_material_plant_id"), "procurement_material", ["plant_id"], unique=False
    )
    op.create_index(
        op.f("ix_procurement_material_supplier_id"), "procurement_material", ["supplier_id"], unique=False
    )
    op.create_table(
        "procurement_purchase",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("supplier_id", sa.String(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("sent_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["plant_id"], ["cosmo_plant.id"], name=op.f("fk_procurement_purchase_plant_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["procurement_supplier.id"], name=op.f("fk_procurement_purchase_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procurement_purchase")),
        sa.UniqueConstraint("number", name=op.f("uq_procurement_purchase_number")),
    )
    op.create_index(op.f("ix_procurement_purchase_day"), "procurement_purchase", ["day"], unique=False)
    op.create_index(
        op.f("ix_procurement_purchase_plant_id"), "procurement_purchase", ["plant_id"], unique=False
    )
    op.create_index(
        op.f("ix_procurement_purchase_sent_at"), "procurement_purchase", ["sent_at"], unique=False
    )
    op.create_index(
        op.f("ix_procurement_purchase_supplier_id"), "procurement_purchase", ["supplier_id"], unique=False
    )
    op.create_table(
        "procurement_need",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("material_id", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("planned", columns.DecimalText(), nullable=False),
        sa.Column("quantity", columns.DecimalText(), nullable=False),
        sa.Column("issued", columns.DecimalText(), nullable=False),
        sa.Column("order_specific", sa.Boolean(), nullable=False),
        sa.Column("needed_by", columns.UtcDateTime(), nullable=False),
        sa.Column("expected_at", columns.UtcDateTime(), nullable=False),
        sa.Column("short", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["material_id"], ["procurement_material.id"], name=op.f("fk_procurement_need_material_id")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["cosmo_order.id"], name=op.f("fk_procurement_need_order_id")),
        sa.ForeignKeyConstraint(["plant_id"], ["cosmo_plant.id"], name=op.f("fk_procurement_need_plant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procurement_need")),
        sa.UniqueConstraint(
            "order_id",
            "material_id",
            "operation",
            name=op.f("uq_procurement_need_order_id_material_id_operation"),
        ),
    )
    op.create_index(
        op.f("ix_procurement_need_material_id"), "procurement_need", ["material_id"], unique=False
    )
    op.create_index(op.f("ix_procurement_need_needed_by"), "procurement_need", ["needed_by"], unique=False)
    op.create_index(op.f("ix_procurement_need_order_id"), "procurement_need", ["order_id"], unique=False)
    op.create_index(op.f("ix_procurement_need_plant_id"), "procurement_need", ["plant_id"], unique=False)
    op.create_index(op.f("ix_procurement_need_short"), "procurement_need", ["short"], unique=False)
    op.create_index(op.f("ix_procurement_need_state"), "procurement_need", ["state"], unique=False)
    op.create_table(
        "procurement_purchase_line",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("purchase_id", sa.String(), nullable=False),
        sa.Column("material_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("quantity", columns.DecimalText(), nullable=False),
        sa.Column("extra", columns.DecimalText(), nullable=False),
        sa.Column("received", columns.DecimalText(), nullable=False),
        sa.Column("pegged", columns.DecimalText(), nullable=False),
        sa.Column("price", columns.DecimalText(), nullable=False),
        sa.Column("asked_for", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("confirmed", sa.Date(), nullable=True),
        sa.Column("announced", sa.Date(), nullable=True),
        sa.Column("announced_quantity", columns.DecimalText(), nullable=True),
        sa.Column("asn", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answered_at", columns.UtcDateTime(), nullable=True),
        sa.Column("received_at", columns.UtcDateTime(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["material_id"],
            ["procurement_material.id"],
            name=op.f("fk_procurement_purchase_line_material_id"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["cosmo_order.id"], name=op.f("fk_procurement_purchase_line_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"],
            ["procurement_purchase.id"],
            name=op.f("fk_procurement_purchase_line_purchase_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procurement_purchase_line")),
    )
    op.create_index(
        op.f("ix_procurement_purchase_line_due"), "procurement_purchase_line", ["due"], unique=False
    )
    op.create_index(
        op.f("ix_procurement_purchase_line_material_id"),
        "procurement_purchase_line",
        ["material_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_procurement_purchase_line_open"), "procurement_purchase_line", ["open"], unique=False
    )
    op.create_index(
        op.f("ix_procurement_purchase_line_order_id"), "procurement_purchase_line", ["order_id"], unique=False
    )
    op.create_index(
        op.f("ix_procurement_purchase_line_purchase_id"),
        "procurement_purchase_line",
        ["purchase_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_procurement_purchase_line_state"), "procurement_purchase_line", ["state"], unique=False
    )
    op.create_table(
        "procurement_lot",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("material_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=True),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("received", columns.DecimalText(), nullable=False),
        sa.Column("on_hand", columns.DecimalText(), nullable=False),
        sa.Column("pegged", columns.DecimalText(), nullable=False),
        sa.Column("received_at", columns.UtcDateTime(), nullable=False),
        sa.Column("expires_at", columns.UtcDateTime(), nullable=True),
        sa.Column("empty", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["procurement_purchase_line.id"], name=op.f("fk_procurement_lot_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["material_id"], ["procurement_material.id"], name=op.f("fk_procurement_lot_material_id")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["cosmo_order.id"], name=op.f("fk_procurement_lot_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procurement_lot")),
        sa.UniqueConstraint(
            "material_id", "line_id", "number", name=op.f("uq_procurement_lot_material_id_line_id_number")
        ),
    )
    op.create_index(op.f("ix_procurement_lot_empty"), "procurement_lot", ["empty"], unique=False)
    op.create_index(op.f("ix_procurement_lot_line_id"), "procurement_lot", ["line_id"], unique=False)
    op.create_index(op.f("ix_procurement_lot_material_id"), "procurement_lot", ["material_id"], unique=False)
    op.create_index(op.f("ix_procurement_lot_order_id"), "procurement_lot", ["order_id"], unique=False)
    op.create_table(
        "procurement_movement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("material_id", sa.String(), nullable=False),
        sa.Column("lot_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("operation", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("quantity", columns.DecimalText(), nullable=False),
        sa.Column("at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["procurement_lot.id"], name=op.f("fk_procurement_movement_lot_id")
        ),
        sa.ForeignKeyConstraint(
            ["material_id"], ["procurement_material.id"], name=op.f("fk_procurement_movement_material_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["cosmo_order.id"], name=op.f("fk_procurement_movement_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procurement_movement")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_procurement_movement_lot_id"), "procurement_movement", ["lot_id"], unique=False)
    op.create_index(
        op.f("ix_procurement_movement_material_id"), "procurement_movement", ["material_id"], unique=False
    )
    op.create_index(
        op.f("ix_procurement_movement_order_id"), "procurement_movement", ["order_id"], unique=False
    )
    op.create_table(
        "procurement_peg",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("need_id", sa.String(), nullable=False),
        sa.Column("lot_id", sa.String(), nullable=True),
        sa.Column("line_id", sa.String(), nullable=True),
        sa.Column("quantity", columns.DecimalText(), nullable=False),
        sa.CheckConstraint(
            "(lot_id IS NULL) <> (line_id IS NULL)", name=op.f("ck_procurement_peg_one_source")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["procurement_purchase_line.id"], name=op.f("fk_procurement_peg_line_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["procurement_lot.id"], name=op.f("fk_procurement_peg_lot_id")),
        sa.ForeignKeyConstraint(
            ["need_id"], ["procurement_need.id"], name=op.f("fk_procurement_peg_need_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procurement_peg")),
    )
    op.create_index(op.f("ix_procurement_peg_line_id"), "procurement_peg", ["line_id"], unique=False)
    op.create_index(op.f("ix_procurement_peg_lot_id"), "procurement_peg", ["lot_id"], unique=False)
    op.create_index(op.f("ix_procurement_peg_need_id"), "procurement_peg", ["need_id"], unique=False)
    make_append_only(op.get_bind(), "procurement_movement")
