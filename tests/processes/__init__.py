"""Several web processes over one PostgreSQL and one Redis, as in production."""
