"""The shape of `docker-compose.yml`: validated as data (`test_compose.py`), and run as processes (`make production-shape`).

`compose-spec.json` is the compose specification's JSON schema, from compose-go v2.9.0 (Apache License 2.0).
"""
