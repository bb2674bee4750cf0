"""The durable workflows: deterministic, without input or output of their own, read top to bottom."""
