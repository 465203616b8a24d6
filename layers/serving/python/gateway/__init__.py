"""The HTTP contract: API Gateway's events, one table of routes, problem+json for every error."""
