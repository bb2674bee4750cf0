"""The record: PostgreSQL through asyncpg, and the only SQL in the project."""
