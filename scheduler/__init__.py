"""A campaign scheduler: drafts in plain files, published on time, once, to every account."""

__version__ = "0.1.0"
