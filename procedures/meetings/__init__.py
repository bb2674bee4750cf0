"""Meetings by the procedures: when, with whom, who is chased, whether there will be enough. Pure: `now` is passed in."""
