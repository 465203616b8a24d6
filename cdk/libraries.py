"""The requirements of libraries that few models need, and only their images carry."""

from __future__ import annotations

from serving.libraries import LIBRARIES

# In the repository, by what a library is for.
REQUIREMENTS = {library: f"layers/serving/requirements-{library}.txt" for library in LIBRARIES}
