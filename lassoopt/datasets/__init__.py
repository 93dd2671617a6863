"""`datasets` has data to work on: two medical studies, quadratic expansions, and a strict reader of CSV files."""

from .dataset import Dataset, from_csv, from_table
from .medical_studies import breast_cancer, diabetes
from .quadratic_expansion import quadratic

__all__ = ["Dataset", "breast_cancer", "diabetes", "from_csv", "from_table", "quadratic"]
