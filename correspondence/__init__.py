"""The service's own letters to professionals, in Welsh and English, and the process that sends them."""
