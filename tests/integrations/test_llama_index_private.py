"""Nothing leaves the machine, no text reaches a log, and nothing is loaded that was not asked for."""

import logging
import subprocess
import sys

import pytest

from docreview.evaluate.offline import prove, report
from docreview.evaluate.offline.jobs import main_jobs, write_documents
from docreview.integrations.llama_index import (
    DocreviewEmbedding,
    DocreviewLLM,
    DocreviewNodeParser,
    DocreviewQueryEngine,
    DocreviewReader,
    DocreviewRetriever,
    DocreviewSynthesizer,
    from_llama_index,
)
from docreview.models import ScriptedModel

PIPELINE = """
import asyncio, socket, sys

real = socket.socket.connect
def loopback_only(self, address):
    host = address[0] if isinstance(address, tuple) else ""
    assert host in ("127.0.0.1", "::1", "localhost", ""), f"a connection to {address}"
    return real(self, address)
def no_names(host, *_, **__):
    raise AssertionError(f"a name was looked up: {host}")
socket.socket.connect = socket.socket.connect_ex = loopback_only
socket.getaddrinfo = socket.gethostbyname = no_names

from llama_index.core import Settings, SimpleDirectoryReader, VectorStoreIndex
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.tools import QueryEngineTool
from docreview.integrations.llama_index import *
from docreview.models import ScriptedModel

documents = SimpleDirectoryReader(
    input_files=[sys.argv[1]], file_extractor={".docx": DocreviewReader()}, raise_on_error=True
).load_data()
index = VectorStoreIndex.from_documents(
    documents, transformations=[DocreviewNodeParser()], embed_model=DocreviewEmbedding()
)
assert index.as_retriever().retrieve("Which law governs?")
document = from_llama_index(documents[0])
assert DocreviewQueryEngine(document).query("Which law governs?").source_nodes
call = "<|tool_call_start|>[ask(input='Which law governs?')]<|tool_call_end|>"
llm = DocreviewLLM(ScriptedModel([call, "NOT ANSWERED", "Nobody knows."]))
engine = RetrieverQueryEngine(DocreviewRetriever(document), DocreviewSynthesizer(llm))
tool = QueryEngineTool.from_defaults(engine, name="ask", description="Ask the lease.")
async def main():
    return await FunctionAgent(tools=[tool], llm=llm).run("Which law governs?")
assert str(asyncio.run(main())) == "Nobody knows."
assert Settings._llm is None and Settings._embed_model is None, "a default model was made"
print("done")
"""


def python(code, *arguments):
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=600)


@pytest.mark.slow
def test_a_whole_pipeline_opens_no_connection(corpora):
    done = python(PIPELINE, str(corpora / "contracts" / "lease.docx"))
    assert done.stdout.splitlines()[-1:] == ["done"], done.stderr


@pytest.mark.slow
def test_nor_do_the_watches_of_doctor_see_one(tmp_path):
    jobs = [job for job in main_jobs(write_documents(tmp_path / "documents"), tmp_path) if job.name == "LlamaIndex"]
    assert len(jobs) == 1
    proof = prove(jobs=jobs)
    assert proof.clean, report(proof)


def test_no_text_of_a_document_reaches_logs_or_the_screen(corpora, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    documents = DocreviewReader().load_data(corpora / "contracts" / "lease.docx")
    DocreviewNodeParser().get_nodes_from_documents(documents)
    document = from_llama_index(documents[0])
    DocreviewEmbedding().get_text_embedding_batch([document.text])
    quote = "This Lease is governed by"
    assert quote in document.text
    model = DocreviewLLM(ScriptedModel([f"Says so.\n> {quote}"] * 2))
    assert "[1]" in str(DocreviewQueryEngine(document).query("Which law governs?"))
    assert "[1]" in str(
        DocreviewSynthesizer(model).synthesize("Which law?", DocreviewRetriever(document).retrieve("law"))
    )
    list(model.stream_chat_with_tools([], quote))
    said = caplog.text + "".join(capfd.readouterr())
    assert "governed" not in said
    assert "Lease" not in said


def test_what_is_reported_of_a_model_holds_no_text():
    llm = DocreviewLLM(ScriptedModel(["x"]), system_prompt="secret")
    assert set(llm.to_payload()) == {"class_name", *type(llm.metadata).model_fields}
    assert "secret" not in str(llm.to_payload())


def test_importing_docreview_loads_no_llama_index():
    code = "import docreview, docreview.integrations, sys; print([m for m in sys.modules if 'llama_index' in m])"
    assert python(code).stdout.strip() == "[]"


@pytest.mark.parametrize("hidden", ["llama_index", "llama_index.core"])
def test_without_llama_index_the_pip_line_is_said(hidden):
    code = f"""
import importlib.util, sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name == {hidden!r} or name.startswith({hidden!r} + "."):
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Hidden())
try:
    import docreview.integrations.llama_index
except ImportError as error:
    print(type(error).__name__, error)
"""
    said = python(code).stdout
    assert said.startswith("MissingExtra")
    assert "pip install 'docreview[llama-index]'" in said
