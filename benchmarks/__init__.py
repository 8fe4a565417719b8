"""How long runs take, measured in one process and stated as ratios: `python -m benchmarks`."""
