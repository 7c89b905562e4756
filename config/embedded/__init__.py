"""The embedded default: PostgreSQL, Valkey and S3 out of wheels, and one supervisor over the whole platform.

`python -m config.embedded run` is what `make run` calls; `shell -- CMD…` runs one command against the same
servers; `reset` removes the local state. Each server can be replaced by a real one: `DATABASE_URL`, `BROKER_URL`
and `STORAGE_ENDPOINT` in the environment say so (docs/operations.md). Nothing here sets Django up.
"""
