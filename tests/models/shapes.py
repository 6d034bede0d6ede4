"""What model servers answer when something is wrong: a prompt too long, a model that is not there, a server that is
busy or broken, a stream that ends in the middle. For each kind, as (HTTP status, body) or as the lines of a stream.

Where each is from is said beside it. llama_cpp.server 0.3.36 and mlx_lm.server 0.32.2 are as run or in their installed
source; llama-server as run and in the source vendored by llama-cpp-python 0.3.36 (October 2026); the others as
published.
"""

TOO_LONG, NO_MODEL, BROKEN, CUT = "prompt too long", "no such model", "overloaded or broken", "cut in the middle"


def openai(message, **more):
    return {"error": {"message": message, **more}}


ERRORS = {
    "llama-server": {
        # tools/server/server-context.cpp ("exceeds the available context size") and format_error_response
        TOO_LONG: (
            400,
            openai(
                "request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it",
                code=400,
                type="exceed_context_size_error",
                n_prompt_tokens=9000,
                n_ctx=4096,
            ),
        ),
        # tools/server/server-models.cpp: only the router of several models looks at the name
        NO_MODEL: (400, openai("model 'x' not found", code=400, type="invalid_request_error")),
        # tools/server/server-http.cpp: while the model is loaded
        BROKEN: (503, openai("Loading model", code=503, type="unavailable_error")),
    },
    "vLLM": {
        # vllm/entrypoints/openai/serving_engine.py; {"object": "error", "message": ...} in older versions, as SGLang's
        TOO_LONG: (
            400,
            openai(
                "This model's maximum context length is 4000 tokens. However, you requested 9000 tokens (8500 in the "
                "messages, 500 in the completion). Please reduce the length of the messages or completion.",
                type="BadRequestError",
                param=None,
                code=400,
            ),
        ),
        NO_MODEL: (404, openai("The model `x` does not exist.", type="NotFoundError", param=None, code=404)),
        # vllm/v1/engine/exceptions.py: EngineDeadError
        BROKEN: (
            500,
            openai(
                "EngineCore encountered an issue. See stack trace (above) for the root cause.",
                type="InternalServerError",
                param=None,
                code=500,
            ),
        ),
    },
    "SGLang": {
        # python/sglang/srt/entrypoints/openai/serving_base.py and utils.create_error_response: the error is not nested
        TOO_LONG: (
            400,
            {
                "object": "error",
                "message": "Requested token count exceeds the model's maximum context length of 4000 tokens.",
                "type": "BadRequestError",
                "param": None,
                "code": 400,
            },
        ),
        NO_MODEL: (
            404,
            {"object": "error", "message": "The model `x` does not exist", "type": "NotFoundError", "code": 404},
        ),
        BROKEN: (
            500,
            {
                "object": "error",
                "message": "Internal server error: the scheduler died",
                "type": "InternalServerError",
                "param": None,
                "code": 500,
            },
        ),
    },
    "Ollama": {
        # issue nano-step/nano-brain#208 (status and body); with truncate = false, ollama/ollama#17944
        TOO_LONG: (400, {"error": "the input length exceeds the context length"}),
        NO_MODEL: (404, {"error": "model 'x' not found"}),
        # server/sched.go: ErrMaxQueue
        BROKEN: (503, {"error": "server busy, please try again.  maximum pending requests exceeded"}),
    },
    "LM Studio": {
        # issue Gitlawb/openclaude#353: a text, not an object
        TOO_LONG: (
            400,
            {
                "error": "The number of tokens to keep from the initial prompt is greater than the context length "
                "(n_keep: 13055>= n_ctx: 4096). Try to load the model with a larger context length, or provide a "
                "shorter input."
            },
        ),
        # the name is not looked at while one model is loaded (lmstudio-bug-tracker#619)
        NO_MODEL: (404, openai("Model not found", type="invalid_request_error", param="model", code="model_not_found")),
        # lmstudio-bug-tracker#1492
        BROKEN: (500, {"error": "Model is unloaded."}),
    },
    "mlx_lm.server": {
        # mlx_lm/server.py: whatever goes wrong before the first token is a 404 with the exception's text; there is no
        # limit on a prompt's length but memory
        TOO_LONG: (404, {"error": "[metal::malloc] Attempting to allocate 9 bytes which is greater than the maximum"}),
        NO_MODEL: (404, {"error": "Repository Not Found for url: https://huggingface.co/api/models/x/revision/main."}),
        BROKEN: (404, {"error": "Model type lfm9 not supported."}),
    },
    "llama_cpp.server": {
        # llama_cpp/server/errors.py
        TOO_LONG: (
            400,
            openai(
                "This model's maximum context length is 4000 tokens, however you requested 9000 tokens (8500 in your "
                "prompt; 500 for the completion). Please reduce your prompt; or completion length.",
                type="invalid_request_error",
                param="messages",
                code="context_length_exceeded",
            ),
        ),
        NO_MODEL: (
            400,
            openai("The model `x` does not exist", type="invalid_request_error", param=None, code="model_not_found"),
        ),
        BROKEN: (500, openai("llama_decode returned -3", type="internal_server_error", param=None, code=None)),
    },
    "OpenAI-compatible": {
        TOO_LONG: (413, "<html>Request Entity Too Large</html>"),
        NO_MODEL: (404, {"detail": "Not Found"}),
        BROKEN: (502, "<html>Bad gateway</html>"),
    },
}

_PIECE = 'data: {"choices": [{"index": 0, "text": "The rent", "finish_reason": null}]}'
STREAMS = {
    # Streams that end, or fail, after the first words: what came is no reply.
    "llama-server": [
        'data: {"index": 0, "content": "The rent", "stop": false}',
        'data: {"error": {"code": 500, "message": "context shift is disabled", "type": "server_error"}}',
    ],
    "vLLM": [
        _PIECE,
        'data: {"error": {"message": "EngineCore died", "type": "InternalServerError", "code": 500}}',
        "data: [DONE]",
    ],
    "SGLang": [_PIECE, 'data: {"error": {"object": "error", "message": "aborted", "type": "x", "code": 500}}'],
    "Ollama": [
        '{"response": "The rent", "done": false}',
        '{"error": "an error was encountered while running the model"}',
    ],
    # lmstudio-bug-tracker#2322: status 200, and the error is an event
    "LM Studio": ["event: error", 'data: {"error": {"message": "Context size has been exceeded."}}'],
    "mlx_lm.server": [": keepalive 1/9", _PIECE],  # its thread died: the connection just closes
    "llama_cpp.server": [_PIECE, "data: [DONE]"],  # broken off by the next request: no finish_reason
    "OpenAI-compatible": [_PIECE],
}
