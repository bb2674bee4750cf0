"""A refusal as the engine carries it: code and sentences as details, so that the door can say it in the reader's language."""

from temporalio.exceptions import ApplicationError

from procedures.refusals import Refused
from schemas.engine import REFUSED, Refusal


def refusal_of(refused: Refused) -> Refusal:
    """Code and both sentences."""
    return Refusal(code=refused.code, sentences={"cy": refused.sentence("cy"), "en": refused.sentence("en")})


def as_failure(refused: Refused) -> ApplicationError:
    """The refusal as a failure of the update: final, never tried again."""
    return ApplicationError(refused.code, refusal_of(refused), type=REFUSED, non_retryable=True)


def refusal_in(cause: BaseException | None) -> Refusal | None:
    """The refusal in a failed update, where it is one."""
    if isinstance(cause, ApplicationError) and cause.type == REFUSED and cause.details:
        return Refusal.model_validate(cause.details[0])
    return None
