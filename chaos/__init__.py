"""Chaos: the score function under every fault that S3, SQS and Lambda can give it, by seed.

Doubles of S3, SQS and EventBridge answer the function's own clients; a simulated event source with
a virtual clock invokes it; a reference model says what must be there in the end.
"""
