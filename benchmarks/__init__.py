"""The benchmark: the time that runs take, measured in one process, as ratios (``python -m benchmarks``)."""
