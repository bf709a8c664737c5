"""A stand-in for Telegram's Bot API: real HTTP on loopback, with the faults of the real service on request."""

from sandbox.telegram.chats import Message
from sandbox.telegram.standin import Request, Telegram

__all__ = ["Message", "Request", "Telegram"]
