"""A client of the engine, as every process of Siwrnai makes it."""

from temporalio.client import Client

from engine.codec import EncryptingCodec, data_converter
from observing import traces
from record.keys import KeyRing


async def connect(address: str, namespace: str, keys: KeyRing) -> Client:
    """Connect, with everything encrypted under the ring's current key.

    Raises:
        RuntimeError: where nothing answers at that address.
    """
    converter = data_converter(EncryptingCodec(keys.codec))
    return await Client.connect(address, namespace=namespace, data_converter=converter, interceptors=traces.interceptors())
