"""The sales: houses of Windsor and their prices, those to train on and those to measure."""

from __future__ import annotations

import tarfile
from dataclasses import dataclass
from importlib.metadata import distribution
from typing import Self

import pandas as pd
from sklearn.model_selection import train_test_split

DATA_FILE = "resources/rdata/csv/Ecdat/Housing.csv"
SEED_OF_SPLIT = 1987

COUNTS = ["bedrooms", "bathrms", "stories", "garagepl"]
CATEGORIES = ["driveway", "recroom", "fullbase", "gashw", "airco", "prefarea"]


@dataclass(frozen=True)
class Split:
    """The sales that training sees, and those kept to measure it."""

    train: pd.DataFrame
    test: pd.DataFrame

    @classmethod
    def of(cls, sales: pd.DataFrame) -> Self:
        return cls(*train_test_split(sales, test_size=0.2, random_state=SEED_OF_SPLIT))


def read_sales() -> pd.DataFrame:
    """All 546 sales, taken from the package's archive: importing it would unpack it at home."""
    archive = distribution("pydataset").locate_file("pydataset/resources.tar.gz")
    with tarfile.open(str(archive)) as files:
        return pd.read_csv(files.extractfile(DATA_FILE), index_col=0)


def features(sales: pd.DataFrame) -> pd.DataFrame:
    return sales.drop(columns="price")
