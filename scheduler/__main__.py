"""``python -m scheduler`` is the ``campaign`` command."""

from scheduler.cli import main

main()
