"""What a model's reply says: its text, its reasoning and the tools it wants to call. Nothing is ever evaluated.

The format is that of LFM2 and LFM2.5: `<|tool_call_start|>[f(a='x', n=[1, 2])]<|tool_call_end|>`, or JSON between the
same markers. docs/tool-calls.md has the grammar, the rule for quotes that nobody escaped, and the limits.
"""

from docreview.models.toolcalls.reply import MAX_REPLY, ParsedReply, ReplyStream, parse_reply
from docreview.models.toolcalls.values import MAX_CALLS, MAX_DEPTH, MAX_TEXT, CallError

__all__ = ["MAX_CALLS", "MAX_DEPTH", "MAX_REPLY", "MAX_TEXT", "CallError", "ParsedReply", "ReplyStream", "parse_reply"]
