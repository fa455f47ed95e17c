"""One thread in every numeric library: sums in a fixed order, so that equal inputs give equal bits.

It is no loss: on the small matrices of this project a team of threads costs more than it does.
"""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Run the block with BLAS and OpenMP at one thread each."""
    # Only libraries that are loaded already can be limited, so the estimators' come first.
    import sklearn.cluster  # noqa: F401
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
