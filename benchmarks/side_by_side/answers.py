"""What the servers and the transports of the comparisons answer: to each client, what its own service would say."""

import json

FIRST_ID = 1_000_000_000  # so that all ids are equally long
PAYMENT = b'{"success":true,"data":{"id":%d},"meta":[]}'
CHAT = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1764000000,
        "model": "gpt",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10},
    }
).encode()
MESSAGE = json.dumps(
    {"id": "msg_1", "eventType": "payment", "payload": {"id": 1}, "timestamp": "2026-11-24T12:00:00Z"}
).encode()
REFUND = json.dumps(
    {"id": "re_1", "object": "refund", "amount": 99099, "currency": "eur", "created": 1764000000, "status": "succeeded"}
).encode()
