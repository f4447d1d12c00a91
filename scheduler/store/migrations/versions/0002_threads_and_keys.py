"""A name of its own for each delivery, the parts of a thread, and which part an attempt was for.

A delivery was named by the installation and its number; after a database was put back, a number could be given twice.
"""

import base64
import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("attempts", sa.Column("part", sa.Integer(), server_default="1", nullable=False))
    op.add_column("deliveries", sa.Column("key", sa.Text(), server_default="", nullable=False))
    op.add_column("deliveries", sa.Column("parts", sa.Integer(), server_default="1", nullable=False))
    op.add_column("deliveries", sa.Column("thread", sa.Text(), server_default="[]", nullable=False))
    _name()


def _name() -> None:
    """Give each delivery the name under which it may have been sent already."""
    database = op.get_bind()
    found = database.execute(sa.text("SELECT value FROM settings WHERE name = 'installation'")).scalar()
    numbers = database.execute(sa.text("SELECT id FROM deliveries")).scalars().all()
    for number in numbers:
        packed = hashlib.sha256(f"{found or ''}:{number}".encode()).digest()
        key = base64.b32encode(packed).decode().lower()[:32]
        database.execute(sa.text("UPDATE deliveries SET key = :key WHERE id = :number"), {"key": key, "number": number})
