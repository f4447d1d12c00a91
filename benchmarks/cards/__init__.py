"""What a card costs, beside what others cost for the same card. `python -m benchmarks.cards --help`."""
