"""The rival that most people write: FastAPI on uvicorn, with uvloop and httptools."""
