"""What AWS allows a function, and where it says so. Looked up on 2026-11-20.

What CloudFormation refuses is in cdk/quotas.py, and ends synthesis.
"""

from __future__ import annotations

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
MEMORY_LEAST_MIB, MEMORY_MOST_MIB = 128, 10_240
MEMORY_MIB_PER_VCPU = 1769

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
ANSWER_MOST_BYTES = 6_291_556
ENVIRONMENT_MOST_BYTES = 4096
TEMPORARY_MOST_BYTES = 512 * 1024 * 1024
# Uncompressed, all layers together.
IMAGE_MOST_BYTES = 10 * 1024**3
# By default, in a region of an account; so many of them cannot be reserved.
CONCURRENCY = 1000
CONCURRENCY_UNRESERVED = 100
# "New AWS accounts have reduced concurrency and memory quotas": this much, until AWS raises it.
MEMORY_OF_NEW_ACCOUNTS_MIB = 3008

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html: beyond it the
# environment starts again, within the timeout of its first event. Not so where it is provisioned.
INIT_MOST_S = 10.0

# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
API_TIMEOUT_S = 30
