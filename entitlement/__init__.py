"""Who may know what of whom, per child: the one check that stands before every output, and fails closed."""
