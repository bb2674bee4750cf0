"""`python -m web`: the pages. Meetings are not arranged here yet, so there are no invitations to open them with, and it says so."""

import sys

if __name__ == "__main__":
    print(
        "There are no invitations to serve pages for yet: start the pages with web.process.main and what keeps invitations", file=sys.stderr
    )
    sys.exit(2)
