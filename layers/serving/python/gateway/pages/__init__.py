"""Pages for people: what is deployed, and the viewer of the OpenAPI document."""
