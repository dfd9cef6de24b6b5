"""What became of every SMS that CleverTap handed to Route Mobile."""

from importlib.metadata import version

__version__ = version("rmanalytics")
