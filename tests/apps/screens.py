"""What is on a page, as `AppTest` sees it."""

MARKDOWN = ("markdown", "caption", "title", "subheader", "header", "info", "warning", "error", "success", "toast")
"""Elements whose text the browser reads as Markdown."""


def html(app) -> str:
    """All HTML of the page in one text."""
    return "\n".join(each.value for each in app.get("html"))


def markdown(app) -> str:
    """All that the browser reads as Markdown, labels too."""
    texts = [str(each.value) for kind in MARKDOWN for each in app.get(kind)]
    labels = [
        each.label for kind in ("button", "download_button", "checkbox", "radio", "expander") for each in app.get(kind)
    ]
    return "\n".join([*texts, *map(str, labels)])


def press(app, key):
    """Press a button by its key."""
    next(each for each in app.button if each.key == key).click()
    app.run()
    assert not app.exception
    return app


def choose(app, key, value):
    """Choose in a list, a radio or a multiple choice by its key."""
    found = next(each for kind in (app.selectbox, app.radio, app.multiselect) for each in kind if each.key == key)
    found.set_value(value)
    app.run()
    assert not app.exception
    return app


def unharmed(app):
    """Nothing of a hostile document is markup, a link or a formula."""
    drawn, read = html(app), markdown(app)
    assert not any(word in drawn for word in ("<img", "<script", "<a ", "onerror=alert(1)>", "href="))
    assert not any(word in read for word in ("evil.example", "javascript:", "**bold**", "frac{1}", ":smile:", "<img"))
