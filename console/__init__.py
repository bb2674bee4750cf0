"""What the `siwrnai` command shows and asks, by what a person comes for. `cli.py` is its front door."""
