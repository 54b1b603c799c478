"""What a call costs, beside what other clients cost: one module for each comparison, run by `calls.py` beside it."""
