"""Siwrnai's environment variables, each checked at start."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from platformdirs import user_cache_path, user_data_path
from pydantic import AfterValidator, BaseModel, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

PROCEDURES = Path(__file__).parents[1] / "procedures" / "wales.toml"


def _shaped(pattern: str, expected: str) -> AfterValidator:
    shape = re.compile(pattern)

    def check(value: str) -> str:
        if not shape.fullmatch(value):
            raise ValueError(f"expected {expected}")
        return value

    return AfterValidator(check)


Address = Annotated[str, _shaped(r"[A-Za-z0-9.\[\]:-]+:[0-9]{1,5}", "host:port")]
Opaque = Annotated[str, _shaped(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}", "1 to 64 letters, digits, dots, colons, hyphens or underscores")]
PostgresUrl = Annotated[str, _shaped(r"postgres(ql)?://[^/]*/[^/?]+(\?.*)?", "postgresql://user:password@host:port/database")]
SmtpUrl = Annotated[str, _shaped(r"smtps?://.+", "smtp://host:port or smtps://host:port")]


_WEB_URL = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?")


def _base(value: str) -> str:
    if not _WEB_URL.fullmatch(value.rstrip("/")):
        raise ValueError("expected https://host, since a link is a secret; http:// on this machine alone")
    return value.rstrip("/")


_PLACE_URL = re.compile(r"https://\S+|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?(/\S*)?")


def _place(value: str) -> str:
    if not _PLACE_URL.fullmatch(value):
        raise ValueError("expected https://host/path; http:// on this machine alone")
    return value


def _folder(path: Path) -> Path:
    path = path.expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError("this is a file, not a folder")
    return path


def _file(path: Path) -> Path:
    path = path.expanduser().absolute()
    if not path.is_file():
        raise ValueError("there is no such file")
    return path


Folder = Annotated[Path, AfterValidator(_folder)]
File = Annotated[Path, AfterValidator(_file)]


def _keys(home: Mapping[str, Any]) -> Path:
    return home["home"] / "keys"


class Common(BaseSettings):
    """What every process may be told."""

    model_config = SettingsConfigDict(
        frozen=True,
        use_attribute_docstrings=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    home: Folder = Field(default_factory=lambda: user_data_path("siwrnai"), validation_alias="SIWRNAI_HOME", examples=["/var/lib/siwrnai"])
    """The folder of all data: database, engine, mailbox, keys, logs. By default the user's folder for application data."""
    temporal_namespace: Opaque = Field(default="siwrnai", validation_alias="TEMPORAL_NAMESPACE", examples=["siwrnai"])
    """The engine's namespace. It is registered where it is missing."""
    keys: Folder = Field(default_factory=_keys, validation_alias="SIWRNAI_KEYS", examples=["/etc/siwrnai/keys"])
    """The folder of keys and passwords, `keys` of SIWRNAI_HOME by default. Keep it out of the database's backups, and back it up."""
    procedures: File = Field(default=PROCEDURES, validation_alias="SIWRNAI_PROCEDURES", examples=["/etc/siwrnai/wales.toml"])
    """The file of rules. By default the one for Wales that is shipped."""
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", validation_alias="SIWRNAI_LOG_LEVEL", examples=["info"])
    """How much processes write into their logs."""


class Linking(Common):
    """What a process is told that makes or reads links to the pages."""

    web_url: Annotated[str, AfterValidator(_base)] = Field(
        default="http://127.0.0.1:8047", validation_alias="SIWRNAI_WEB_URL", examples=["https://siwrnai.enghraifft.example"]
    )
    """How people reach the pages: what links in invitations begin with. `siwrnai serve` takes SIWRNAI_WEB_ADDRESS where it is left out."""


class Settings(Common):
    """What `siwrnai serve` may be told. All of it may be left out: then everything runs on this machine."""

    cache: Folder = Field(
        default_factory=lambda: user_cache_path("siwrnai"), validation_alias="SIWRNAI_CACHE", examples=["/var/cache/siwrnai"]
    )
    """The folder in which the engine's server is kept once built, and what tests fetch. By default the user's cache folder."""
    authority: Opaque = Field(default="enghraifft", validation_alias="SIWRNAI_AUTHORITY", examples=["sir-enghraifft"])
    """The opaque id of the local authority that this deployment is of. A database belongs to one authority for good."""
    temporal_address: Address | None = Field(default=None, validation_alias="TEMPORAL_ADDRESS", examples=["temporal.internal:7233"])
    """The engine to use, as host:port. Where it is missing, one is started on this machine."""
    database_url: PostgresUrl | None = Field(
        default=None, validation_alias="DATABASE_URL", examples=["postgresql://admin:password@db.internal/siwrnai"], repr=False
    )
    """The PostgreSQL database to use, as a superuser. Where it is missing, a server is started on this machine."""
    smtp_url: SmtpUrl | None = Field(
        default=None, validation_alias="SMTP_URL", examples=["smtp://user:password@mail.internal:587"], repr=False
    )
    """The mail server that takes letters. Where it is missing, they are caught in the folder `mailbox` of SIWRNAI_HOME and go to no one."""
    stop_with_parent: bool = Field(default=False, validation_alias="SIWRNAI_STOP_WITH_PARENT", examples=["yes"])
    """Whether `siwrnai serve` stops when the process that started it is gone. `make run` says yes."""


class ServiceSettings(Common):
    """What one of our processes is told; the supervisor does so."""

    temporal_address: Address = Field(validation_alias="TEMPORAL_ADDRESS", examples=["temporal.internal:7233"])
    """The engine, as host:port."""
    database_url: PostgresUrl = Field(
        validation_alias="DATABASE_URL", examples=["postgresql://siwrnai_journey:password@db.internal/siwrnai"], repr=False
    )
    """The record, logged in to as the process's own role."""
    metrics: Address | None = Field(default=None, validation_alias="SIWRNAI_WORKER_METRICS", examples=["127.0.0.1:9464"])
    """Where the worker serves metrics for Prometheus, as address:port. Off by default; see observing.md."""
    ready_file: Path | None = Field(default=None, validation_alias="SIWRNAI_READY_FILE", examples=["/run/siwrnai/worker.ready"])
    """A process makes this file once it is at work."""


def _checkpoints(known: Mapping[str, Any]) -> Path:
    return known["home"] / "checkpoints"


class Anchoring(Common):
    """What a process is told that keeps checkpoints outside the database, or reads them there."""

    checkpoint_folder: Folder = Field(
        default_factory=_checkpoints, validation_alias="SIWRNAI_CHECKPOINT_FOLDER", examples=["/mnt/elsewhere/siwrnai-checkpoints"]
    )
    """The folder in which each day's signed checkpoint is kept outside the database, `checkpoints` of SIWRNAI_HOME by default. Best is one that neither
    this machine nor the database's administrators can change: see audit.md."""
    checkpoint_url: Annotated[str, AfterValidator(_place)] | None = Field(
        default=None, validation_alias="SIWRNAI_CHECKPOINT_URL", examples=["https://notary.example/siwrnai"], repr=False
    )
    """An address to which each checkpoint is posted as well; an answer of 200 to 299 says that it is kept there. A name and password in it are sent as such."""


class WorkerSettings(ServiceSettings, Anchoring):
    """What the worker is told."""


class BadSettings(ValueError):
    """Names each variable that cannot be used, what is wrong with it, and what would be right. No value is repeated: some are secret."""


Kind = TypeVar("Kind", bound=BaseSettings)


def read(kind: type[Kind]) -> Kind:
    """The settings from the environment.

    Raises:
        BadSettings: one or more cannot be used.
    """
    try:
        return kind()
    except ValidationError as error:
        raise BadSettings("\n".join(_complaints(kind, error))) from None


def check(kinds: Iterable[type[BaseSettings]]) -> None:
    """Whether what the environment says fits the processes that are still to be started; what they are given then is not asked for.

    Raises:
        BadSettings: one or more cannot be used.
    """
    complaints: dict[str, None] = {}
    for kind in kinds:
        try:
            kind()
        except ValidationError as error:
            complaints |= dict.fromkeys(_complaints(kind, error, but="missing"))
    if complaints:
        raise BadSettings("\n".join(complaints))


def _complaints(kind: type[BaseModel], error: ValidationError, but: str = "") -> Iterator[str]:
    fields = {_variable(name, field): field for name, field in kind.model_fields.items()}
    for problem in error.errors(include_input=False):
        name = str(problem["loc"][0]) if problem["loc"] else ""
        field = fields.get(name)
        if field is not None and problem["type"] not in {"default_factory_not_called", but}:
            example = f"; right would be, for instance: {field.examples[0]}" if field.examples else ""
            yield f"{name}: {problem['msg'].removeprefix('Value error, ')}{example}"


class Variable(NamedTuple):
    """One environment variable, as documented."""

    name: str
    meaning: str
    default: str


def variables(kind: type[BaseModel]) -> list[Variable]:
    """The variables that this model reads."""
    return [
        Variable(_variable(name, field), " ".join((field.description or "").split()), _default(field))
        for name, field in kind.model_fields.items()
    ]


def _variable(name: str, field: FieldInfo) -> str:
    return field.validation_alias if isinstance(field.validation_alias, str) else name.upper()


def _default(field: FieldInfo) -> str:
    # A path is this machine's own, and no document's.
    return str(field.default) if isinstance(field.default, str | int | float) and not field.is_required() else ""
