"""What Siwrnai costs beside the same work done plainly: `make bench`. Every figure is a ratio measured in one run (`docs/bench.md`)."""
