"""What an auditor asks of a timeline, pure: how it was known, how it stood, why, and whether it was changed."""
