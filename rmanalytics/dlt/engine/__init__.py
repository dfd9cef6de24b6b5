"""The matching engine: slots, positions and the explanation of a mismatch. `Template` and `Policy` sit above it."""
