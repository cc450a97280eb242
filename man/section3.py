#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Manual pages, section 3, from the public headers' comments.

section3.py --list HEADER...             the pages' names, one a line
section3.py DATE DIRECTORY HEADER...     writes them there

A page for each function, from the comment right above it: its first sentence is the name's line, what
begins with "Returns" the section RETURN VALUES. And one for each header, from the comment that it
begins with, with its types as they stand. A function without a comment is an error.
"""
import os
import re
import sys

FUNCTION = re.compile(r"^((?:[a-z_0-9]+[ *]+)+)(p2p_\w+)\(([^;{]*)\);$", re.S)


class Header:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.text = file.read()
        self.path = path
        self.name = "p2pmem/" + os.path.basename(path)
        self.page = "p2pmem_" + os.path.basename(path)[: -len(".h")]
        self.about = paragraphs(re.findall(r"/\*\n.*?\*/", self.text, re.S)[0])
        self.functions = []
        self.types = []
        self.read()

    def read(self):
        body = re.split(r"P2P_BEGIN_DECLS|#define P2PMEM_\w+_H", self.text)[-1]
        for comment, code in declarations(body):
            match = FUNCTION.match(re.sub(r"\s*__attribute__.*;$", ";", code, flags=re.S))
            if match and not comment:
                sys.exit(f"{self.path}: {match[2]}() has no comment: write what it does and returns")
            if match and match[1].strip() != "void" and "Returns" not in comment:
                sys.exit(f"{self.path}: the comment of {match[2]}() does not say what it returns")
            if match:
                self.functions.append(Function(self, comment, match))
            elif code.startswith(("struct ", "enum ")) and "{" in code or re.match(r"#define P2P(MEM)?_\w+(?!_H$)\b", code):
                self.types.append((comment + "\n" if comment else "") + code)


class Function:
    def __init__(self, header, comment, match):
        self.header = header
        self.type = match[1].strip()
        self.name = match[2]
        self.arguments = [re.sub(r"\s+", " ", part).strip() for part in split_arguments(match[3])]
        text = paragraphs(comment)
        first, rest = cut_sentence(text[0])
        self.brief = first
        self.text = [paragraph for paragraph in [rest] + text[1:] if paragraph]


def declarations(body):
    """(comment, code) of each declaration at the outermost level; "" where it has no comment."""
    comment = ""
    code = ""
    for token in re.findall(r"/\*.*?\*/|#define(?:[^\n]*\\\n)*[^\n]*|#[^\n]*|\n|[^\n/#]+|/", body, re.S):
        inside = code.count("{") > code.count("}") or code.count("(") > code.count(")")
        if token.startswith("#define") and not inside:
            yield comment, re.sub(r"\s*/\*.*$", "", token, flags=re.S)
            comment, code = "", ""
        elif token.startswith("#"):
            continue
        elif token.startswith("/*") and not code.strip():
            comment = token if token.startswith("/**") else ""
        elif token == "\n" and not code.strip():
            continue
        else:
            code += token
            inside = code.count("{") > code.count("}")
            if code.rstrip().endswith(";") and not inside:
                yield comment, code.strip()
                comment, code = "", ""


def split_arguments(text):
    """Commas between arguments, not those of a function pointer's own."""
    part, depth = "", 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            yield part
            part = ""
        else:
            part += character
    yield part


def paragraphs(comment):
    """The comment's paragraphs, lists of errors a line each, pictures and tables left as they stand."""
    lines = [re.sub(r"^\s*(/\*\*? ?|\*/|\* ?)|\s*\*/$", "", line).rstrip() for line in comment.split("\n")]
    blocks, block = [], []
    for line in lines + [""]:
        if line:
            block.append(line)
        elif block:
            blocks.append("\n".join(block))
            block = []
    return blocks


def cut_sentence(text):
    match = re.match(r"(.*?)\.(?:\s+(.*))?$", text, re.S)
    if not match or re.match(r"\s*[a-z(]", match[2] or ""):
        return text.rstrip("."), ""
    return re.sub(r"\s+", " ", match[1]), match[2] or ""


def name_line(sentence):
    """What NAME has of a first sentence: up to where details begin."""
    if len(sentence) > 70:
        sentence = re.match(r".{16,}?(?=[:;]| \(|,|$)", sentence)[0]
    return sentence[0].lower() + sentence[1:]


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = re.sub(r"`([^`]*)`", r"\\fI\1\\fP", text)
    text = re.sub(r"\b(p2p_\w+)\(\)", r"\\fB\1\\fP()", text)
    return "\n".join("\\&" + line if line[:1] in ".'" else line for line in text.split("\n"))


def sentences(text):
    """Each sentence on a line of its own, as mdoc wants it."""
    return escape(re.sub(r"(?<=[A-Za-z)`0-9])([.?!]) +(?=[A-Z`])", r"\1\n", re.sub(r"\s+", " ", text).strip()))


def literal(text):
    lines = "\n".join("\\&" + line if line[:1] in ".'" else line for line in text.replace("\\", "\\e").split("\n"))
    return ".Bd -literal -offset 2n\n" + lines.replace("\t", "    ") + "\n.Ed"


def write_text(blocks):
    out = []
    for block in blocks:
        lines = block.split("\n")
        errors = [line for line in lines if re.match(r"\s*-E[A-Z0-9]+", line)]
        if any(line.startswith("    ") or "  " in line.strip() for line in lines) and not errors:
            out += [literal(block)]
        elif errors and lines.index(errors[0]) > 0 and re.match(r"\s*-E[A-Z0-9, -]+ {2}", errors[0]):
            start = lines.index(errors[0])
            out += [".Pp", sentences(" ".join(lines[:start])), ".Bl -tag -width Er"]
            out += error_items(lines[start:]) + [".El"]
        elif re.match(r"-E[A-Z0-9, -]+ {2}", lines[0]):
            out += [".Bl -tag -width Er"] + error_items(lines) + [".El"]
        else:
            out += [".Pp", sentences(block)]
    # mandoc warns of a paragraph that is empty.
    return [line for number, line in enumerate(out) if line != ".Pp" or number > 0]


def error_items(lines):
    out = []
    for line in lines:
        match = re.match(r"\s*((?:-E[A-Z0-9]+,? ?(?:and |or )?)+) +(.*)", line)
        if match:
            out += [".It " + escape(match[1].strip())]
            line = match[2]
        out += [escape(line.strip())]
    return out


def page(date, name, brief, body):
    head = ['.\\" SPDX-License-Identifier: MIT', f'.\\" Made from the public headers by man/section3.py.', f".Dd {date}"]
    head += [f".Dt {name.upper()} 3", ".Os", ".Sh NAME", f".Nm {name}", ".Nd " + escape(brief), ".Sh LIBRARY"]
    head += ["libp2pmem", ".Pq Fl lp2pmem"]
    return "\n".join(head + body) + "\n"


def function_page(date, function):
    body = [".Sh SYNOPSIS", f".In {function.header.name}", f".Ft {function.type}", f".Fo {function.name}"]
    body += [f'.Fa "{argument}"' for argument in function.arguments]
    body += [".Fc"]
    blocks = []
    for block in function.text:
        # A sentence that begins with "Returns" begins the section.
        match = re.match(r"(.*?[.)`])\s+(Returns .*)$", block, re.S)
        blocks += [match[1], match[2]] if match else [block]
    returns = next((number for number, block in enumerate(blocks) if block.startswith("Returns")), len(blocks))
    body += [".Sh DESCRIPTION", sentences(function.brief + ".")]
    more = write_text(blocks[:returns])
    body += [".Pp"] * (more[:1] != [] and not more[0].startswith(".Bd")) + more
    if blocks[returns:]:
        body += [".Sh RETURN VALUES"] + write_text(blocks[returns:])
    body += [".Sh SEE ALSO", f".Xr {function.header.page} 3"]
    return page(date, function.name, name_line(function.brief), body)


def header_page(date, header):
    brief, rest = cut_sentence(header.about[0])
    blocks = [block for block in [rest] + header.about[1:] if block]
    body = [".Sh SYNOPSIS", f".In {header.name}", ".Sh DESCRIPTION"]
    body += write_text(blocks) if blocks else [sentences(brief + ".")]
    if header.types:
        body += [".Sh TYPES"] + [literal(text) for text in header.types]
    if header.functions:
        names = sorted(function.name for function in header.functions)
        links = [".Xr p2pmem 1"] + [f".Xr {name} 3" for name in names]
        body += [".Sh SEE ALSO"] + [link + " ," for link in links[:-1]] + links[-1:]
    return page(date, header.page, name_line(brief), body)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    listing = sys.argv[1] == "--list"
    headers = [Header(path) for path in sys.argv[2 if listing else 3 :]]
    pages = {header.page: (header_page, header) for header in headers}
    pages.update({function.name: (function_page, function) for header in headers for function in header.functions})
    for name in sorted(pages):
        if listing:
            print(name + ".3")
            continue
        with open(os.path.join(sys.argv[2], name + ".3"), "w", encoding="utf-8") as file:
            write, subject = pages[name]
            file.write(write(sys.argv[1], subject))


main()
