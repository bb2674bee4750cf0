"""kill -9 at random moments: what comes of a rehearsal is what comes of an undisturbed one (`make chaos`)."""
