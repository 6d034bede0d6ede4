"""A small contract with planted clauses."""

LAW = "12. Governing law. This Agreement shall be governed by the laws of the State of Israel."
END = "9. Term. Either party may terminate this Agreement for convenience upon sixty (60) days written notice."
CAP = "10. Liability. In no event shall the aggregate liability of either party exceed the fees paid hereunder."


def contract(parties: str, *clauses: str) -> str:
    filler = "\n\n".join(
        f"{n}. The parties shall cooperate in good faith and deliver item number {n} of the schedule in good order."
        for n in range(1, 8)
    )
    return f"SERVICES AGREEMENT\n\nbetween {parties}\n\n{filler}\n\n" + "\n\n".join(clauses) + "\n"
