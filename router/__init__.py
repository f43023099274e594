"""Decides who gets which conversation. Never sends, never stores."""
