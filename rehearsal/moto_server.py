"""The process that stands for AWS: moto, taught what a deployment here needs.

python -m rehearsal.moto_server <file descriptor of a listening socket>
"""

from __future__ import annotations

import os
import sys

from local.moto_server import serve, wait_for_parent
from rehearsal.stand_ins import teach_moto

if __name__ == "__main__":
    teach_moto()
    serve(int(sys.argv[1]))
    wait_for_parent()
    os._exit(0)
