"""The look on one table: every macro and every composition with sample data, without a server or a
database."""
