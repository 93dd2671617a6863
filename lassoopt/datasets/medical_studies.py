"""`medical_studies` reads the two studies that the package ships."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources

from .csv_table import CsvTable
from .dataset import Dataset, from_table


def diabetes() -> Dataset:
    """Return the diabetes study of Efron, Hastie, Johnstone & Tibshirani (2004), 442 patients, in raw units.

    Examples
    --------
    >>> diabetes().X.shape
    (442, 10)
    """
    return _shipped(
        "diabetes.csv",
        target="progression",
        description=(
            "442 diabetes patients: age in years, sex (1 or 2), body mass index bmi, mean blood pressure bp, six "
            "blood serum measurements (s1 total cholesterol, s2 LDL, s3 HDL, s4 total cholesterol / HDL, s5 log "
            "triglycerides, s6 glucose); the target measures the progression of the disease a year later"
        ),
        source="Efron, Hastie, Johnstone & Tibshirani (2004), Least Angle Regression, Annals of Statistics 32, 407-499",
    )


def breast_cancer() -> Dataset:
    """Return the Wisconsin diagnostic breast cancer study, 569 tumours, in raw units: malignant is 1, benign 0.

    scikit-learn's copy of the same numbers codes the target the other way round (malignant 0, benign 1). Here 1 is
    what the test is looking for, so a positive weight speaks for cancer.

    Examples
    --------
    >>> data = breast_cancer()
    >>> data.X.shape, int(data.y.sum())
    ((569, 30), 212)
    """
    return _shipped(
        "breast_cancer.csv",
        target="malignant",
        description=(
            "569 breast tumours, 212 malignant (target 1) and 357 benign (0): ten measurements of the cell nuclei in "
            "an image of a fine needle aspirate, each as the mean over the nuclei, its standard error (named error), "
            "and the mean of the three largest (named worst)"
        ),
        source=(
            "Wolberg, Mangasarian, Street & Street (1993), Breast Cancer Wisconsin (Diagnostic), UCI Machine Learning "
            "Repository, doi:10.24432/C5DW2B, CC BY 4.0; the numbers are unchanged, the identifiers left out and the "
            "diagnosis coded 1 and 0"
        ),
    )


def _shipped(file: str, target: str, description: str, source: str) -> Dataset:
    content = (resources.files(__package__) / "data" / file).read_bytes()
    return replace(from_table(CsvTable.of(file, content), target), description=description, source=source)
