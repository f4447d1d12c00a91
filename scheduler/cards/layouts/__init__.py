"""The layouts: each module arranges what is its own on the stage, between the head of a card and its source.

`arrange(card, frame, stage)` gives the marks, or raises CardError when the words do not fit.
"""
