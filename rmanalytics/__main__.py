"""`python -m rmanalytics` is `rmanalytics`."""

from rmanalytics.cli import main

main()
