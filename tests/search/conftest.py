import pytest
from search_samples import CAP, END, LAW, contract


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "in"
    (root / "sub").mkdir(parents=True)
    (root / "alpha.txt").write_text(contract("Alphatron Ltd and Borealis Inc", LAW, END, CAP), encoding="utf-8")
    (root / "sub" / "gamma.txt").write_text(contract("Gammadyne GmbH and Deltaville SA", LAW, CAP), encoding="utf-8")
    (root / "call.txt").write_text(
        "".join(
            f"{who}: {said}\n"
            for who, said in [
                ("Anna", "Good morning, let us begin with the budget."),
                ("Ben", "The budget for the remote control is twelve euros."),
                ("Anna", "Then we agree on twelve euros for each piece."),
                ("Ben", "Yes, and the battery lasts a year."),
                ("Anna", "Who writes to the supplier?"),
                ("Ben", "I will write to the supplier by Friday."),
            ]
        ),
        encoding="utf-8",
    )
    return root
