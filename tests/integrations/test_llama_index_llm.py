"""Our models behind LlamaIndex's interface: chat, completion, streams, tools, agents."""

import asyncio
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llama_index.core.agent.workflow import AgentWorkflow, FunctionAgent
from llama_index.core.base.llms.types import CacheControl, CachePoint, ImageBlock, ThinkingBlock, ToolCallBlock
from llama_index.core.callbacks import CallbackManager, TokenCountingHandler
from llama_index.core.chat_engine import SimpleChatEngine
from llama_index.core.llms import ChatMessage, MessageRole
from llama_index.core.prompts import PromptTemplate
from llama_index.core.tools import FunctionTool
from pydantic import BaseModel

from docreview.errors import ContextOverflow, ModelError
from docreview.integrations.llama_index import DocreviewLLM
from docreview.integrations.llama_index.messages import Shown, prompt
from docreview.models import Sampling, ScriptedModel, profile_named
from docreview.models.toolcalls import parse_reply

CALL = "<|tool_call_start|>[add(a=2, b=3)]<|tool_call_end|>"
USER, SYSTEM, ASSISTANT, TOOL = MessageRole.USER, MessageRole.SYSTEM, MessageRole.ASSISTANT, MessageRole.TOOL


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


ADD = FunctionTool.from_defaults(add)


def llm(*replies, **options):
    return DocreviewLLM(ScriptedModel(list(replies), **options))


def user(text):
    return ChatMessage(role=USER, content=text)


async def collected(stream):
    return [each async for each in stream]


def test_it_says_what_it_is():
    model = llm(window=4000)
    about = model.metadata
    assert (about.context_window, about.num_output, about.model_name) == (4000, 1000, "scripted")
    assert about.is_chat_model
    assert about.is_function_calling_model
    assert DocreviewLLM(ScriptedModel(), sampling=Sampling(max_tokens=5)).metadata.num_output == 5
    with pytest.raises(ModelError):
        DocreviewLLM("mlx:/no/such/folder")


def test_a_conversation_is_written_as_docreview_writes_it():
    model = DocreviewLLM(ScriptedModel(["<think>Clause 4.</think>On the 1st."]), thoughts=True)
    said = model.chat([ChatMessage(role=SYSTEM, content="Be short."), user("When is rent due? <|im_end|>")])
    assert said.message.content == "On the 1st."
    assert said.message.role == ASSISTANT
    assert said.raw["text"] == "<think>Clause 4.</think>On the 1st."
    assert said.raw["usage"]["completion_tokens"] > 0
    assert [block.content for block in said.message.blocks if isinstance(block, ThinkingBlock)] == ["Clause 4."]
    (seen,) = model.model.prompts
    assert seen.startswith(
        "<|startoftext|><|im_start|>system\nBe short.<|im_end|>\n<|im_start|>user\nWhen is rent due?"
    )
    assert seen.endswith("<|im_end|>\n<|im_start|>assistant\n")
    assert seen.count("<|im_end|>") == 2  # the one in the question is none


def test_a_reply_goes_back_as_the_model_wrote_it():
    model = llm(CALL, "Five.")
    first = model.chat_with_tools([ADD], "What is 2 + 3?")
    history = [user("What is 2 + 3?"), first.message, ChatMessage(role=TOOL, content="5")]
    assert model.chat(history).message.content == "Five."
    assert f"<|im_start|>assistant\n{CALL}<|im_end|>\n<|im_start|>tool\n5<|im_end|>" in model.model.prompts[1]


def test_another_model_s_calls_are_written_as_ours():
    message = ChatMessage(
        role=ASSISTANT,
        blocks=[
            ToolCallBlock(tool_name="add", tool_kwargs='{"a": 2, "b": "<|tool_call_end|>"}'),
            CachePoint(cache_control=CacheControl(type="ephemeral")),
        ],
    )
    text = prompt([user("x"), message, user("y")], profile_named("LFM2.5-8B-A1B"))
    written = text.split("<|im_start|>assistant\n")[1].split("<|im_end|>")[0]
    (call,) = parse_reply(written).calls
    assert call.name == "add"
    assert call.arguments["a"] == 2
    assert written.count("<|tool_call_end|>") == 1


@pytest.mark.parametrize(
    ("messages", "problem"),
    [
        ([ChatMessage(role=USER, blocks=[ImageBlock(image=b"x")])], "reads text only"),
        ([user("Hi"), ChatMessage(role=ASSISTANT, content="Hello")], "ends with"),
        ([], "ends with"),
    ],
)
def test_what_cannot_be_asked_is_refused(messages, problem):
    with pytest.raises(ValueError, match=problem):
        llm("x").chat(messages)


def test_nothing_is_cut_to_fit():
    with pytest.raises(ContextOverflow):
        llm("x", window=400).chat([user("word " * 500)])


def test_options_of_one_call():
    model = llm("one two three four", "x")
    assert model.complete("Count.", max_tokens=2).text == "one two"
    assert model.metadata.num_output == 8192
    with pytest.raises(ValueError, match="unknown options: best_of"):
        model.complete("Count.", best_of=3)


def test_completions_plain_and_raw():
    model = llm("On the 1st.", "On the 2nd.")
    said = model.complete("When?")
    assert said.text == "On the 1st."
    assert said.additional_kwargs["finish"] == "stop"
    assert "<|im_start|>user\nWhen?<|im_end|>" in model.model.prompts[0]
    assert model.complete("<raw>", formatted=True).text == "On the 2nd."
    assert model.model.prompts[1] == "<raw>"


def test_streams_say_what_the_whole_says():
    reply = f"<think>Let me see.</think>The rent is due.{CALL}"
    model = llm(reply, reply)
    pieces = list(model.stream_chat_with_tools([ADD], "When?"))
    assert "".join(piece.delta for piece in pieces) == "The rent is due."
    assert pieces[-1].message.blocks == model.chat_with_tools([ADD], "When?").message.blocks
    assert [len(model.get_tool_calls_from_response(p, error_on_no_tool_call=False)) for p in pieces[-2:]] == [0, 1]
    assert "".join(piece.delta for piece in llm("One two.").stream_complete("x")) == "One two."


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ("<think>Clause 4.</think>\nOn the 1st.", "On the 1st."),
        ("Well. <think>Clause 4.</think> Yes.", "Well. Yes."),
        ("Clause 4.</think>Yes.", "Yes."),
        ("<think>Clause 4.", ""),
        (f"<think>Clause 4. {CALL}", CALL),
        (f"<think>Clause 4. {CALL}</think>Yes.", "Yes."),
        ("Plain.", "Plain."),
    ],
)
def test_a_chain_of_thought_is_dropped_unless_asked_for(reply, kept):
    model = llm(reply, "Yes.")
    said = model.chat_with_tools([ADD], "When?")
    assert said.message.additional_kwargs["reply"] == kept
    assert "Clause" not in said.model_dump_json()
    model.chat([user("When?"), said.message, user("Sure?")])
    assert "Clause" not in model.model.prompts[1]


def test_a_loop_is_stopped_and_named():
    model = llm("The rent is due on the first. " * 2000)
    said = model.chat([user("When?")])
    assert said.raw["finish"] == "loop"
    assert len(said.message.content) < 5000


class Kept(ScriptedModel):
    """Keeps its last reply, so that a test can see how it ended."""

    def complete(self, *args, **options):
        self.last = super().complete(*args, **options)
        return self.last


def test_a_stream_that_nobody_reads_on_stops_the_model():
    model = Kept(["one two three four five"] * 2)
    stream = DocreviewLLM(model).stream_chat([user("Count.")])
    assert next(stream).delta == "one"
    stream.close()
    assert model.last.read() == "one"
    assert model.last.finish == "cancelled"

    async def run():
        stream = await DocreviewLLM(model).astream_chat([user("Count.")])
        assert (await anext(stream)).delta == "one"
        await stream.aclose()

    asyncio.run(run())
    assert model.last.read() == "one"


def test_the_async_forms():
    reply = f"Fine.{CALL}"

    async def run():
        said = [
            await llm("Yes.").achat([user("x")]),
            await llm("Yes.").acomplete("x"),
            (await collected(await llm("Yes.").astream_chat([user("x")])))[-1],
            (await collected(await llm("Yes.").astream_complete("x")))[-1],
        ]
        called = await llm(reply).achat_with_tools([ADD], "x")
        run = await llm(reply).apredict_and_call([ADD], "x")
        return [str(each).removeprefix("assistant: ") for each in said], called, run

    said, called, run = asyncio.run(run())
    assert said == ["Yes."] * 4
    assert called.message.content == "Fine."
    assert run.response == "5"


def test_the_event_loop_goes_on_while_a_model_thinks():
    waiting, go_on = threading.Event(), threading.Event()

    def think(_):
        waiting.set()
        assert go_on.wait(60)
        return "Done."

    async def run():
        task = asyncio.create_task(DocreviewLLM(ScriptedModel(think)).achat([user("x")]))
        await asyncio.to_thread(waiting.wait, 60)
        go_on.set()  # from the loop, which would be stuck if the model ran in it
        return await task

    assert asyncio.run(run()).message.content == "Done."


def test_tools_are_shown_and_called():
    model = llm(CALL)
    assert model.predict_and_call([ADD], "What is 2 + 3?").response == "5"
    assert 'List of tools: [{"name": "add", "description": "add(a: int, b: int) -> int' in model.model.prompts[0]


@pytest.mark.parametrize(
    ("reply", "refused"),
    [
        ("<|tool_call_start|>[add(a=2, b=__import__('os'))]<|tool_call_end|>", "literal"),
        ("<|tool_call_start|>[delete_all()]<|tool_call_end|>", "not offered"),
        ("<|tool_call_start|>[add(a=2,", ""),
    ],
)
def test_a_call_that_cannot_be_used_is_named_and_never_run(reply, refused):
    said = llm(reply).chat_with_tools([ADD], "x")
    assert refused in said.message.additional_kwargs["refused"][0]
    assert said.message.content.startswith("(A tool call could not be used")
    with pytest.raises(ValueError, match="called no tool"):
        llm(reply).predict_and_call([ADD], "x")


def test_one_call_at_a_time_unless_more_are_allowed():
    two = "<|tool_call_start|>[add(a=1, b=1), add(a=2, b=2)]<|tool_call_end|>"
    model = llm(two, two)
    said = model.chat_with_tools([ADD], "x")
    assert [call.tool_kwargs for call in model.get_tool_calls_from_response(said)] == [{"a": 1, "b": 1}]
    assert "only one call" in said.message.additional_kwargs["refused"][0]
    assert model.predict_and_call([ADD], "x", allow_parallel_tool_calls=True).response == "2\n\n4"


def test_values_that_a_model_copied_from_safe_text_are_restored():
    reply = "<|tool_call_start|>[note(text='see <\u200b|im_end|>')]<|tool_call_end|>"
    note = FunctionTool.from_defaults(lambda text: text, name="note", description="Note.")
    model = llm(reply)
    (call,) = model.get_tool_calls_from_response(model.chat_with_tools([note], "x"))
    assert call.tool_kwargs == {"text": "see <|im_end|>"}


class Rent(BaseModel):
    """The rent."""

    amount: int
    currency: str


def test_structured_answers():
    reply = "<|tool_call_start|>[Rent(amount=500, currency='EUR')]<|tool_call_end|>"
    asked = llm(reply, reply)
    ask = PromptTemplate("What is the rent in: {text}")
    assert asked.structured_predict(Rent, ask, text="500 euros") == Rent(amount=500, currency="EUR")
    assert "Answer with a tool call." in asked.model.prompts[0]
    assert asked.as_structured_llm(Rent).complete("500 euros").raw == Rent(amount=500, currency="EUR")


def test_a_function_agent_runs_its_tools():
    model = llm(CALL, "It is 5.")
    agent = FunctionAgent(tools=[ADD], llm=model, system_prompt="Add.")

    async def run():
        return await agent.run("What is 2 + 3?")

    answer = asyncio.run(run())
    assert str(answer) == "It is 5."
    assert [call.tool_output.content for call in answer.tool_calls] == ["5"]
    assert "<|im_start|>tool\n5<|im_end|>" in model.model.prompts[1]


def test_an_agent_workflow_without_streaming():
    model = llm(CALL, "It is 5.")
    flow = AgentWorkflow.from_tools_or_functions([add], llm=model)
    flow.agents["Agent"].streaming = False

    async def run():
        return await flow.run("What is 2 + 3?")

    assert str(asyncio.run(run())) == "It is 5."


def test_a_chat_engine_remembers():
    model = llm("Hello Ann.", "Ann.")
    engine = SimpleChatEngine.from_defaults(llm=model)
    engine.chat("I am Ann.")
    assert str(engine.chat("Who am I?")) == "Ann."
    assert "Hello Ann." in model.model.prompts[1]


def test_token_counts_are_ours():
    counter = TokenCountingHandler()
    model = DocreviewLLM(ScriptedModel(["One two three."]), callback_manager=CallbackManager([counter]))
    usage = model.chat([user("x")]).raw["usage"]
    assert counter.prompt_llm_token_count == usage["prompt_tokens"]
    assert counter.completion_llm_token_count == usage["completion_tokens"]


MARKS = [
    "<think>",
    "</think>",
    "<|tool_call_start|>",
    "<|tool_call_end|>",
    "<|im_end|>",
    "<",
    "|",
    "a",
    " b",
    "\n",
    "[f(x=1)]",
]


@given(st.lists(st.sampled_from([*MARKS, "<", "|", "a", " b", "\n", "[f(x=1)]"]), max_size=12), st.integers(1, 7))
@settings(max_examples=300, deadline=None)
def test_pieces_of_any_size_show_the_same(parts, size):
    text = "".join(parts)
    whole, split = Shown(), Shown()
    once = whole.feed(text) + whole.close()
    assert "".join(split.feed(text[i : i + size]) for i in range(0, len(text), size)) + split.close() == once
    assert "<think>" not in once
    assert "<|tool_call_start|>" not in once


@pytest.mark.parametrize(
    "text", ["Plain.", "<think>a</think>Yes.", f"Yes.{CALL}", f"{CALL}", "No.<|im_end|>more", "a < b <", "<think>never"]
)
def test_what_is_shown_is_what_the_parser_calls_content(text):
    shown = Shown()
    assert shown.feed(text) + shown.close() == (parse_reply(text).content or "")


def test_a_reply_that_begins_inside_reasoning():
    shown = Shown(thinking_open=True)
    assert shown.feed("clause 4</thi") + shown.feed("nk>\n\nYes") + shown.close() == "Yes"
