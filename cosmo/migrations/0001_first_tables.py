"""First tables.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op

from cosmo import columns
from cosmo.append_only import make_append_only

revision = "cosmo_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "cosmo_address",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("street", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("postal_code", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosmo_address")),
    )
    op.create_table(
        "cosmo_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("speed", sa.Float(), nullable=False),
        sa.Column("anchor_wall", columns.UtcDateTime(), nullable=False),
        sa.Column("anchor_business", columns.UtcDateTime(), nullable=False),
        sa.Column("seen_wall", columns.UtcDateTime(), nullable=False),
        sa.Column("eased_until", columns.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosmo_clock")),
    )
    op.create_table(
        "cosmo_idempotency",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("expires_at", columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_cosmo_idempotency")),
    )
    op.create_index(
        op.f("ix_cosmo_idempotency_expires_at"), "cosmo_idempotency", ["expires_at"], unique=False
    )
    op.create_table(
        "cosmo_job",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("next_at", columns.UtcDateTime(), nullable=False),
        sa.Column("lease_until", columns.UtcDateTime(), nullable=True),
        sa.Column("last_at", columns.UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cosmo_job")),
    )
    op.create_table(
        "cosmo_number",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosmo_number")),
    )
    op.create_table(
        "cosmo_party",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=True),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("erased_at", columns.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosmo_party")),
        sa.UniqueConstraint("slug", name=op.f("uq_cosmo_party_slug")),
    )
    op.create_index(op.f("ix_cosmo_party_kind"), "cosmo_party", ["kind"], unique=False)
    op.create_table(
        "cosmo_touch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("at", columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosmo_touch")),
    )
    op.create_index(op.f("ix_cosmo_touch_at"), "cosmo_touch", ["at"], unique=False)
    op.create_table(
        "cosmo_account",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("disabled_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["cosmo_party.id"], name=op.f("fk_cosmo_account_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosmo_account")),
        sa.UniqueConstraint("email", name=op.f("uq_cosmo_account_email")),
    )
    op.create_index(op.f("ix_cosmo_account_party_id"), "cosmo_account", ["party_id"], unique=False)
    op.create_table(
        "cosmo_basket",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["cosmo_party.id"], name=op.f("fk_cosmo_basket_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosmo_basket")),
    )
    op.create_index(op.f("ix_cosmo_basket_session_id"), "cosmo_basket", ["session_id"], unique=False)
    op.create_table(
        "cosmo_module_switch",
        sa.Column("manufacturer_id", sa.String(), nullable=False),
        sa.Column("module", sa.String(), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["manufacturer_id"], ["cosmo_party.id"], name=op.f("fk_cosmo_module_switch_manufacturer_id")
        ),
        sa.PrimaryKeyConstraint("manufacturer_id", "module", name=op.f("pk_cosmo_module_switch")),
    )
    op.create_table(
        "cosmo_plant",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("manufacturer_id", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("stamp", sa.String(), nullable=False),
        sa.Column("street", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("postal_code", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("buffer_hours", sa.Integer(), nullable=False),
        sa.Column("begin_hours", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["manufacturer_id"], ["cosmo_party.id"], name=op.f("fk_cosmo_plant_manufacturer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosmo_plant")),
        sa.UniqueConstraint("slug", name=op.f("uq_cosmo_plant_slug")),
    )
    op.create_index(op.f("ix_cosmo_plant_manufacturer_id"), "cosmo_plant", ["manufacturer_id"], unique=False)
    op.create_table(
        "cosmo_api_key",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("revoked_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["cosmo_account.id"], name=op.f("fk_cosmo_api_key_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosmo_api_key")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_cosmo_api_key_secret_hash")),
    )
    op.create_index(op.f("ix_cosmo_api_key_account_id"), "cosmo_api_key", ["account_id"], unique=False)
    op.create_table(
        "cosmo_attachment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["cosmo_account.id"], name=op.f("fk_cosmo_attachment_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosmo_attachment")),
    )
    op.create_index(op.f("ix_cosmo_attachment_account_id"), "cosmo_attachment", ["account_id"], unique=False)
    op.create_index(op.f("ix_cosmo_attachment_session_id"), "cosmo_attachment", ["session_id"], unique=False)
    op.create_index(op.f("ix_cosmo_attachment_sha256"), "cosmo_attachment", ["sha256"], unique=False)
    op.create_table(
        "cosmo_order",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("manufacturer_id", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("basket_id", sa.String(), nullable=True),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("remake_of", sa.String(), nullable=True),
        sa.Column("ship_to_id", sa.String(), nullable=True),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=True),
        sa.Column("selections", sa.JSON(), nullable=False),
        sa.Column("pieces", sa.JSON(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("hold_reason", sa.String(), nullable=True),
        sa.Column("owners", sa.JSON(), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.Column("price_amount", columns.DecimalText(), nullable=False),
        sa.Column("price_currency", sa.String(), nullable=False),
        sa.Column("price_lines", sa.JSON(), nullable=False),
        sa.Column("requested_date", sa.Date(), nullable=True),
        sa.Column("first_promise", sa.Date(), nullable=True),
        sa.Column("promised_date", sa.Date(), nullable=True),
        sa.Column("ready_at", columns.UtcDateTime(), nullable=True),
        sa.Column("promise", sa.JSON(), nullable=False),
        sa.Column("quote_expires_at", columns.UtcDateTime(), nullable=True),
        sa.Column("tracking_token", sa.String(), nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("placed_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["basket_id"], ["cosmo_basket.id"], name=op.f("fk_cosmo_order_basket_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["cosmo_party.id"], name=op.f("fk_cosmo_order_customer_id")),
        sa.ForeignKeyConstraint(
            ["manufacturer_id"], ["cosmo_party.id"], name=op.f("fk_cosmo_order_manufacturer_id")
        ),
        sa.ForeignKeyConstraint(["plant_id"], ["cosmo_plant.id"], name=op.f("fk_cosmo_order_plant_id")),
        sa.ForeignKeyConstraint(["remake_of"], ["cosmo_order.id"], name=op.f("fk_cosmo_order_remake_of")),
        sa.ForeignKeyConstraint(["ship_to_id"], ["cosmo_address.id"], name=op.f("fk_cosmo_order_ship_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosmo_order")),
        sa.UniqueConstraint("number", name=op.f("uq_cosmo_order_number")),
        sa.UniqueConstraint("tracking_token", name=op.f("uq_cosmo_order_tracking_token")),
    )
    op.create_index(op.f("ix_cosmo_order_basket_id"), "cosmo_order", ["basket_id"], unique=False)
    op.create_index(op.f("ix_cosmo_order_customer_id"), "cosmo_order", ["customer_id"], unique=False)
    op.create_index(op.f("ix_cosmo_order_manufacturer_id"), "cosmo_order", ["manufacturer_id"], unique=False)
    op.create_index(op.f("ix_cosmo_order_plant_id"), "cosmo_order", ["plant_id"], unique=False)
    op.create_index(op.f("ix_cosmo_order_promised_date"), "cosmo_order", ["promised_date"], unique=False)
    op.create_index(
        op.f("ix_cosmo_order_quote_expires_at"), "cosmo_order", ["quote_expires_at"], unique=False
    )
    op.create_index(op.f("ix_cosmo_order_remake_of"), "cosmo_order", ["remake_of"], unique=False)
    op.create_index(op.f("ix_cosmo_order_session_id"), "cosmo_order", ["session_id"], unique=False)
    op.create_index(op.f("ix_cosmo_order_stage"), "cosmo_order", ["stage"], unique=False)
    op.create_table(
        "cosmo_session",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("locale", sa.String(), nullable=True),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("expires_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["cosmo_account.id"], name=op.f("fk_cosmo_session_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosmo_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_cosmo_session_secret_hash")),
    )
    op.create_index(op.f("ix_cosmo_session_account_id"), "cosmo_session", ["account_id"], unique=False)
    op.create_index(op.f("ix_cosmo_session_expires_at"), "cosmo_session", ["expires_at"], unique=False)
    op.create_table(
        "cosmo_standard_product",
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("plant_id", sa.String(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("list_price", columns.DecimalText(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plant_id"], ["cosmo_plant.id"], name=op.f("fk_cosmo_standard_product_plant_id")
        ),
        sa.PrimaryKeyConstraint("family", name=op.f("pk_cosmo_standard_product")),
    )
    op.create_index(
        op.f("ix_cosmo_standard_product_plant_id"), "cosmo_standard_product", ["plant_id"], unique=False
    )
    op.create_table(
        "cosmo_code",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("expires_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["cosmo_order.id"], name=op.f("fk_cosmo_code_order_id")),
        sa.PrimaryKeyConstraint("order_id", "purpose", name=op.f("pk_cosmo_code")),
    )
    op.create_table(
        "cosmo_event",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("event_time", columns.UtcDateTime(), nullable=False),
        sa.Column("record_time", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["cosmo_order.id"], name=op.f("fk_cosmo_event_order_id")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_cosmo_event")),
        sa.UniqueConstraint("order_id", "seq", name=op.f("uq_cosmo_event_order_id_seq")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_cosmo_event_record_time"), "cosmo_event", ["record_time"], unique=False)
    op.create_index(op.f("ix_cosmo_event_type"), "cosmo_event", ["type"], unique=False)
    op.create_table(
        "cosmo_ledger",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount", columns.DecimalText(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("event_time", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["cosmo_order.id"], name=op.f("fk_cosmo_ledger_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosmo_ledger")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_cosmo_ledger_order_id"), "cosmo_ledger", ["order_id"], unique=False)
    op.create_table(
        "cosmo_order_spec",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("frozen_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["cosmo_order.id"], name=op.f("fk_cosmo_order_spec_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_cosmo_order_spec")),
    )
    op.create_table(
        "cosmo_task",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("manufacturer_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("done_at", columns.UtcDateTime(), nullable=True),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["manufacturer_id"], ["cosmo_party.id"], name=op.f("fk_cosmo_task_manufacturer_id")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["cosmo_order.id"], name=op.f("fk_cosmo_task_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosmo_task")),
    )
    op.create_index(op.f("ix_cosmo_task_manufacturer_id"), "cosmo_task", ["manufacturer_id"], unique=False)
    op.create_index(op.f("ix_cosmo_task_order_id"), "cosmo_task", ["order_id"], unique=False)
    op.create_index(
        "ux_cosmo_task_open",
        "cosmo_task",
        ["kind", "about"],
        unique=True,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "cosmo_delivery",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("handler", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", columns.UtcDateTime(), nullable=False),
        sa.Column("lease_until", columns.UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("done_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["cosmo_order.id"], name=op.f("fk_cosmo_delivery_order_id")),
        sa.ForeignKeyConstraint(
            ["position"], ["cosmo_event.position"], name=op.f("fk_cosmo_delivery_position")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosmo_delivery")),
        sa.UniqueConstraint("position", "handler", name=op.f("uq_cosmo_delivery_position_handler")),
    )
    op.create_index(op.f("ix_cosmo_delivery_next_at"), "cosmo_delivery", ["next_at"], unique=False)
    op.create_index(
        "ix_cosmo_delivery_open",
        "cosmo_delivery",
        ["order_id", "lane", "position"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'leased', 'dead')"),
        postgresql_where=sa.text("state IN ('pending', 'leased', 'dead')"),
    )
    op.create_index(op.f("ix_cosmo_delivery_order_id"), "cosmo_delivery", ["order_id"], unique=False)
    op.create_index(op.f("ix_cosmo_delivery_state"), "cosmo_delivery", ["state"], unique=False)
    op.create_table(
        "cosmo_mail",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", columns.UtcDateTime(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("sent_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["cosmo_order.id"], name=op.f("fk_cosmo_mail_order_id")),
        sa.ForeignKeyConstraint(["position"], ["cosmo_event.position"], name=op.f("fk_cosmo_mail_position")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosmo_mail")),
    )
    op.create_index(op.f("ix_cosmo_mail_order_id"), "cosmo_mail", ["order_id"], unique=False)
    op.create_index(op.f("ix_cosmo_mail_state"), "cosmo_mail", ["state"], unique=False)
    make_append_only(op.get_bind(), "cosmo_event")
    make_append_only(op.get_bind(), "cosmo_ledger")
