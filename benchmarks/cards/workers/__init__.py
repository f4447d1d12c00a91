"""One engine a file: each draws the card of design.json and speaks the protocol of protocol.py."""
