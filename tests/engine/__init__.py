"""Tests of the engine's client and codec."""
