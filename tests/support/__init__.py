"""What the tests share: typed builders and helpers."""
