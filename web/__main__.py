"""`python -m web`: the pages by which people who are invited to a meeting answer."""

import sys

from web.invitations import opening
from web.process import main

if __name__ == "__main__":
    sys.exit(main(opening))
