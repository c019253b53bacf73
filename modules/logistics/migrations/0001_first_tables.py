"""First tables.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

from cosmo import columns

revision = "logistics_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "logistics_serial",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shipment_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_serial")),
    )
    op.create_table(
        "logistics_service",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("carrier_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("standard", sa.Boolean(), nullable=False),
        sa.Column("pickup_hour", sa.Integer(), nullable=False),
        sa.Column("zones", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["carrier_id"], ["cosmo_party.id"], name=op.f("fk_logistics_service_carrier_id")
        ),
        sa.ForeignKeyConstraint(["plant_id"], ["cosmo_plant.id"], name=op.f("fk_logistics_service_plant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_service")),
    )
    op.create_index(
        op.f("ix_logistics_service_carrier_id"), "logistics_service", ["carrier_id"], unique=False
    )
    op.create_index(op.f("ix_logistics_service_plant_id"), "logistics_service", ["plant_id"], unique=False)
    op.create_table(
        "logistics_shipment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("carrier_id", sa.String(), nullable=True),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("mass_kg", columns.DecimalText(), nullable=False),
        sa.Column("packed_at", columns.UtcDateTime(), nullable=False),
        sa.Column("expected_at", columns.UtcDateTime(), nullable=True),
        sa.Column("picked_up_at", columns.UtcDateTime(), nullable=True),
        sa.Column("delivered_at", columns.UtcDateTime(), nullable=True),
        sa.Column("received_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["carrier_id"], ["cosmo_party.id"], name=op.f("fk_logistics_shipment_carrier_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["cosmo_order.id"], name=op.f("fk_logistics_shipment_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["plant_id"], ["cosmo_plant.id"], name=op.f("fk_logistics_shipment_plant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_shipment")),
        sa.UniqueConstraint("number", name=op.f("uq_logistics_shipment_number")),
    )
    op.create_index(
        op.f("ix_logistics_shipment_carrier_id"), "logistics_shipment", ["carrier_id"], unique=False
    )
    op.create_index(op.f("ix_logistics_shipment_order_id"), "logistics_shipment", ["order_id"], unique=False)
    op.create_index(op.f("ix_logistics_shipment_plant_id"), "logistics_shipment", ["plant_id"], unique=False)
    op.create_index(op.f("ix_logistics_shipment_state"), "logistics_shipment", ["state"], unique=False)
    op.create_table(
        "logistics_unit",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("shipment_id", sa.String(), nullable=False),
        sa.Column("sscc", sa.String(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("mass_kg", columns.DecimalText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["logistics_shipment.id"], name=op.f("fk_logistics_unit_shipment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_unit")),
        sa.UniqueConstraint("sscc", name=op.f("uq_logistics_unit_sscc")),
    )
    op.create_index(op.f("ix_logistics_unit_shipment_id"), "logistics_unit", ["shipment_id"], unique=False)
