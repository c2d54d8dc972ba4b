"""How many rows it takes to learn as much as from one independent row.

Neighbouring rows of operations metrics resemble each other. A test that counts a thousand of them as a thousand
observations finds drift everywhere.
"""

from __future__ import annotations

import numpy as np

WINDOW = 6.0
"""Lags are summed up to so many autocorrelation times: Sokal advises about 6 where decay may be slower than
exponential; beyond, noise is all that is added."""

LEVELS = np.linspace(0.1, 0.9, 9)
"""Shares of the rows below a level."""


def autocorrelation_time(times: np.ndarray, values: np.ndarray) -> float:
    """Rows that are worth one independent row when distributions are compared; at least 1.

    What is compared are shares of rows below a level, and the variance of such a share is that of independent rows
    times the autocorrelation time of *being below it*: ``tau = 1 + 2 (rho(1) + ... + rho(M))`` with Sokal's window, the
    smallest M of at least six times ``tau / 2``. The largest of nine, one for each decile, counts: where they differ
    only by chance, it errs on the side of too few independent rows, which costs a late report and not a false one.

    Parameters
    ----------
    times
        Epoch seconds, shape (n,), in the order of time; rows may be missing.
    values
        Shape (n,), all known.

    References
    ----------
    Sokal, Monte Carlo Methods in Statistical Mechanics, in: Functional Integration (1997), section 3.
    """
    edges = np.unique(np.quantile(values, LEVELS, method="inverted_cdf"))
    below = (values[:, None] <= edges[edges < values.max()]).astype(np.float64)
    if not below.size:
        return 1.0
    grid, known = _on_grid(times, below - below.mean(axis=0))
    return max(_time(one) for one in _autocorrelation(grid, known).T)


def _time(rho: np.ndarray) -> float:
    """Autocorrelation time of what has this autocorrelation at lags 0 to L."""
    tau = 1.0 + 2.0 * np.cumsum(rho[1:])
    enough = np.flatnonzero(np.arange(1, tau.size + 1) >= WINDOW * tau / 2.0)
    return float(max(tau[enough[0] if enough.size else -1], 1.0))


def _on_grid(times: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows at equal distances, 0 where there is none, shape (g, l), and which places have one, shape (g, 1)."""
    gaps = np.diff(times)
    step = float(np.median(gaps[gaps > 0.0])) if (gaps > 0.0).any() else 1.0
    place = np.rint((times - times[0]) / step).astype(np.int64)
    grid, known = np.zeros((place.max() + 1, values.shape[1])), np.zeros((place.max() + 1, 1))
    grid[place], known[place] = values, 1.0
    return grid, known


def _autocorrelation(grid: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Autocorrelation at lags 0 to half of the rows, of the pairs that are known, shape (lags, l); 0 without any."""
    lags = max(int(known.sum()) // 2, 1) + 1
    products, pairs = _lagged(grid)[:lags], np.rint(_lagged(known)[:lags])
    covariance = np.where(pairs > 0.0, products / np.maximum(pairs, 1.0), 0.0)
    return np.asarray(covariance / covariance[0])


def _lagged(grid: np.ndarray) -> np.ndarray:
    """Sum of the products of all pairs at each lag, by Fourier transform; the shape of `grid`."""
    size = 1 << (2 * len(grid) - 1).bit_length()
    power = np.abs(np.fft.rfft(grid, size, axis=0)) ** 2
    return np.asarray(np.fft.irfft(power, size, axis=0)[: len(grid)])
