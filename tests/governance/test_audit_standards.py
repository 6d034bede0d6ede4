"""The parts that others have defined: RFC 6962, RFC 8032, C2SP."""

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.governance.audit import checkpoint
from docreview.governance.audit.keys import Key
from docreview.governance.audit.standalone import EMPTY, Fault, Tree, ed25519, key_id, leaf, node, open_note

# The tree of eight leaves that Certificate Transparency's own tests use, and its roots by size.
LEAVES = [
    bytes.fromhex(x)
    for x in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]  # fmt: skip


def test_the_tree_is_that_of_rfc_6962():
    tree = Tree()
    assert tree.root() == EMPTY == hashlib.sha256(b"").digest()
    for data, root in zip(LEAVES, ROOTS, strict=True):
        tree.extend([leaf(data)])
        assert tree.root().hex() == root


def plain_root(leaves):
    """RFC 6962, section 2.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node(plain_root(leaves[:k]), plain_root(leaves[k:]))


@given(st.lists(st.integers(1, 1500), min_size=1, max_size=6))
def test_the_tree_is_the_same_however_it_grew(steps):
    leaves = [leaf(b"%d" % i) for i in range(sum(steps))]
    tree, done = Tree(), 0
    for step in steps:
        tree.extend(leaves[done : done + step])
        done += step
    again = Tree(tree.size, tree.edge)
    assert again.root() == tree.root() == plain_root(leaves)


# RFC 8032, section 7.1, tests 1 to 3
@pytest.mark.parametrize(
    ("key", "message", "signature"),
    [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ],
)
def test_signatures_are_checked_as_in_rfc_8032(key, message, signature):
    key, message, signature = map(bytes.fromhex, (key, message, signature))
    assert ed25519(key, signature, message)
    assert not ed25519(key, signature, message + b"x")
    for at in range(64):
        assert not ed25519(key, signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1 :], message)


def test_a_note_of_another_log_is_opened():
    """The signed note of golang.org's checksum database, from the package golang.org/x/mod/sumdb/note."""
    name, key = "PeterNeumann", base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:]
    assert key_id(name, key).hex() == "c74f20a3"
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    assert ed25519(key, base64.b64decode(signature)[4:], text.encode())


def test_a_checkpoint_is_a_c2sp_note(made, key):
    note = checkpoint(made, key=key)
    origin = json.loads((made / "log.json").read_bytes())["origin"]
    text, signature = note.split("\n\n")
    lines = text.split("\n")
    assert lines[0] == origin
    assert lines[1] == "60"
    assert len(base64.b64decode(lines[2])) == 32
    assert signature.startswith(f"— {origin} ")
    assert signature.endswith("\n")
    size, root = open_note(note.encode(), origin, Key(key).public, ed25519)
    assert (size, root) == (60, base64.b64decode(lines[2]))
    with pytest.raises(Fault):
        open_note(note.encode(), origin, bytes(32), ed25519)
    assert checkpoint(made, key=key) == note
