"""Meetings in people's calendars: what is sent to them, and what comes back. Pure: no database, no clock, no mail server."""
