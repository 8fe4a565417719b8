"""The fuzzer: requests that nobody should send, to the embedded cloud and to the actors (``python -m fuzz``)."""
