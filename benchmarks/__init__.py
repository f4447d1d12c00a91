"""What the README's figures come from. `python -m benchmarks --help`; docs/benchmarks.md tells what each cell is."""
