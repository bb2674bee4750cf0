"""Every side effect of a journey: what a command comes to (rules, calendar, directory), the record, meetings, digests."""
