"""Fewer indexes for needs.

Made from the models by `cosmo migrate --write`.
"""

from alembic import op

revision = "procurement_0002"
down_revision = "procurement_0001"


def upgrade() -> None:
    op.drop_index(op.f("ix_procurement_need_material_id"), table_name="procurement_need")
    op.drop_index(op.f("ix_procurement_need_needed_by"), table_name="procurement_need")
    op.drop_index(op.f("ix_procurement_need_order_id"), table_name="procurement_need")
    op.drop_index(op.f("ix_procurement_need_plant_id"), table_name="procurement_need")
    op.drop_index(op.f("ix_procurement_need_short"), table_name="procurement_need")
    op.drop_index(op.f("ix_procurement_need_state"), table_name="procurement_need")
    op.create_index(
        "ix_procurement_need_state", "procurement_need", ["state", "material_id", "needed_by"], unique=False
    )
