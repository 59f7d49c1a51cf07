"""Slash commands of chats: proven by the platform's signature, done as the person who linked the chat account."""
