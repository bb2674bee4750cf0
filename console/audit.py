"""`siwrnai audit`: a thin function for each verb; what each does stands in a module of its own."""

import typer

from console import keeping, sampling

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

sampling.enter(app)
keeping.enter(app)
