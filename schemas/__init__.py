"""The models of the field: what a child, a report, a timescale, a command and an entry on the timeline are."""
