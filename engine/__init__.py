"""How the engine (Temporal) is reached: the client, and the codec that encrypts all that it keeps."""
