"""`siwrnai audit key`: what the authority publishes, so that whoever is given a bundle can tell that it is the authority's."""

from audit import manifest
from console.language import say
from record.keys import KeyRing


def published(keys: KeyRing) -> str:
    """The fingerprint of the key, and the hash of the verifier."""
    lines = (
        say("audit_export.fingerprint", fingerprint=manifest.fingerprint(keys.public_key)),
        say("audit_export.verifier", sha256=manifest.verifier_sha256()),
    )
    return "\n".join(lines)
