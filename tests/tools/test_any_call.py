"""Whatever a model calls, it gets an answer."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from leases import TEXT, document_of

from docreview.governance.tool_policy import ToolPolicy
from docreview.tools import MAX_RESULT, TOOLS, Permissions, Toolbox
from docreview.types import ToolCall

NAMES = [key for tool in TOOLS for key in tool.arguments.model_fields]
LONG = document_of(TEXT * 400)
words = st.text(max_size=30) | st.sampled_from(
    ["The tenant", "Rent", "2", "thirty (30) days after notice", "lease", "1 March 2024"]
)
numbers = st.integers(-5, 10**6) | st.integers()
values = (
    words | numbers | st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.lists(words)
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([tool.name for tool in TOOLS]) | st.text(max_size=12),
            st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=9), values, max_size=4),
        ),
        max_size=6,
    )
)
def test_any_call_is_answered(tmp_path_factory, made):
    folder = tmp_path_factory.getbasetemp()
    box = Toolbox(
        LONG,
        policy=ToolPolicy(),
        notes=folder / "notes.md",
        confirm=lambda _: "once",
        permissions=Permissions(folder / "permissions.json"),
    )
    for number, (name, arguments) in enumerate(made):
        box.next_round()
        result = box.run(ToolCall(id=f"call-{number}", name=name, arguments=arguments))
        assert result.call_id == f"call-{number}"
        assert 0 < len(result.content) <= MAX_RESULT
    decided = [event.data["stage"] for event in box.events if event.kind == "tool_call"]
    assert decided.count("proposed") == len(made)
    assert decided.count("done") + decided.count("denied") == len(made)
    for recorded in box.records:
        assert all(LONG[citation.span] == citation.quote for citation in recorded.citations)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(TOOLS), st.data())
def test_arguments_that_fit_are_taken(tool, data):
    fields = tool.arguments.model_fields
    typed = {key: numbers if "int" in str(field.annotation) else words for key, field in fields.items()}
    made = {
        key: data.draw(each) for key, each in typed.items() if fields[key].is_required() or data.draw(st.booleans())
    }
    result = Toolbox(LONG, policy=ToolPolicy()).run(ToolCall(id="call-0", name=tool.name, arguments=made))
    negative = any(isinstance(value, int) and value < 1 for value in made.values())
    assert "Field required" not in result.content
    assert negative or "Input should be" not in result.content or tool.name == "note"
    json.dumps(made)
