"""Finds the functions of a C++ file by matching braces, whatever their layout and however deep they are nested."""

import re

# What must not be looked into, in the order in which it is tried at each place.
_OPAQUE = re.compile(r"""
    //(?:[^\n\\]|\\.|\\\n)*             # comments
  | /\*.*?\*/
  | R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"   # raw strings, then others
  | "(?:[^"\\\n]|\\.)*"
  | (?<![0-9A-Za-z_])(?:u8|[uUL])?'(?:[^'\\\n]|\\.)+'   # characters, not the marks between digits
  | ^[ \t]*\#(?:[^\n\\]|\\.|\\\n)*      # the preprocessor's lines
""", re.VERBOSE | re.DOTALL | re.MULTILINE)
_SCOPE = re.compile(r"(inline\s+)?(namespace|class|struct|union|enum|extern)\b")
_TEMPLATE = re.compile(r"template\s*<[^<>]*(<[^<>]*>[^<>]*)*>\s*")
_OPERATOR = re.compile(r"\boperator\s*[^\s\w(]+")
_INITIALISERS = re.compile(r"\)[^():]*:(?!:)")


class UnmatchedBraces(Exception):
    """The file's braces do not match, so that nothing can be said about it."""


def without_opaque(text):
    """The text with spaces instead of comments, literals and the preprocessor's lines; every line stays where it is."""
    return _OPAQUE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def functions(text):
    """(first line, last line) of each function's definition, from its declaration to its closing brace.

    A lambda counts with the function that it stands in; one that initialises a variable outside of all functions counts
    for itself.
    """
    code = without_opaque(text)
    found = []
    open_braces = []  # (what it opens: "scope", "function" or "value", where the declaration begins)
    begin = parentheses = 0
    for at, char in enumerate(code):
        declaring = all(kind == "scope" for kind, _ in open_braces)
        if char in "()" and declaring:
            parentheses += 1 if char == "(" else -1
        elif char == ";" and declaring and parentheses == 0:
            begin = at + 1
        elif char == "{":
            kind = _opens(code[begin:at]) if declaring and parentheses == 0 else "value"
            open_braces.append((kind, begin))
            begin = at + 1 if kind == "scope" else begin
        elif char == "}":
            if not open_braces:
                raise UnmatchedBraces(f"line {_line_of(code, at)}")
            kind, declared = open_braces.pop()
            if kind == "function":
                first = declared + len(code[declared:at]) - len(_declaration(code[declared:at]))
                found.append((_line_of(code, first), _line_of(code, at)))
            if kind != "value":
                begin = at + 1
    if open_braces:
        raise UnmatchedBraces("the end of the file")
    return found


def _line_of(code, at):
    return code.count("\n", 0, at) + 1


def _declaration(head):
    """Without what stands in front of it: space and access labels."""
    return re.sub(r"\A(\s|(public|private|protected)\s*:(?!:))*", "", head)


def _opens(head):
    """What a brace opens of which `head` is the declaration so far."""
    head = _declaration(head)
    rest = _TEMPLATE.sub("", head, count=1) if head.startswith("template") else head
    rest = rest.replace("::", "  ").strip()
    scope = _SCOPE.match(rest)
    if scope and "(" not in re.sub(r"\b(alignas|[A-Z][A-Z0-9_]+)\s*\([^()]*\)", "", rest).split(":")[0]:
        return "scope"
    plain = _OPERATOR.sub("operator", rest)
    outside = re.sub(r"\([^()]*\)", "()", _innermost_removed(plain))
    lambda_at = re.search(r"=[^=]*\[[^\[\]]*\]\s*(\(\))?[\w\s>&*:<-]*\Z", outside)
    if lambda_at:
        return "function"
    if "(" not in outside or re.search(r"(?<![=!<>])=(?!=)", outside):
        return "value"
    if _INITIALISERS.search(outside) and not outside.endswith((")", "}", "...")):
        return "value"
    return "function"


def _innermost_removed(text):
    """With every pair of parentheses that stands in another one taken out."""
    while True:
        shorter = re.sub(r"\(([^()]*)\([^()]*\)", r"(\1", text)
        if shorter == text:
            return text
        text = shorter
