"""README.md and docs/*.md taken at their word: what they name exists, what they show works.

    docs.py names TOP PROGRAM PAGE...   links, anchors, keys, verbs, options, files and targets of make
    docs.py run TOP PAGE                the page's examples, in order, in the current folder

A page's blocks (```):
    sh       run by bash -e, in the order of the page and in one folder, where bin/aletheia, input, jobs and
             analysis are what they are in a fresh clone; unless <!-- not run: REASON --> stands before it, or
             <!-- python: MODULE ... -->, and /usr/bin/python3 has not all of these modules
    text     after a block that was run: what it prints.  These lines must be among its output (both streams),
             in this order; `...` stands for anything, and times, rates and sizes in MB may differ
    others   a file, whose name ends the text before it: "... `NAME`:"; it is written before what follows is run
    (none)   a picture of something: a layout, a syntax.  Left alone
Everything that is wrong is printed as PAGE:LINE: WHAT; exit code 1 if there was anything.
"""
import glob
import os
import re
import subprocess
import sys

bads = 0


def bad(page, line, what):
    global bads
    bads += 1
    print(f"{page}:{line}: {what}")


class Block:
    def __init__(self, line, kind, before):
        self.line, self.kind, self.lines, self.before = line, kind, [], before
        found = re.search(r"`([^`]+)`:$", before)
        self.file = found[1] if found else None
        found = re.search(r"^<!-- not run: *(.*?) *-->$", before)
        self.reason = found[1] if found else None
        found = re.search(r"^<!-- python: (.*?) -->$", before)
        self.modules = found[1].split() if found else []


def read(path):
    """The blocks of a page, and its other lines as (number, text)."""
    blocks, words, block, before = [], [], None, ""
    for number, line in enumerate(open(path, encoding="utf-8").read().split("\n"), 1):
        if line.startswith("```"):
            if block:
                blocks.append(block)
                block, before = None, ""
            else:
                block = Block(number, line[3:].strip(), before)
        elif block:
            block.lines.append(line)
        else:
            words.append((number, line))
            before = line.strip() or before
    if block:
        bad(path, block.line, "this block does not end")
    return blocks, words


# Names ----------------------------------------------------------------------------------------

def anchors(path):
    return {re.sub(r"[^\w\- ]", "", re.sub(r"^#+ +", "", line)).strip().lower().replace(" ", "-")
            for _, line in read(path)[1] if line.startswith("#")}


def check_links(page, words):
    for number, line in words:
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            path = os.path.normpath(os.path.join(os.path.dirname(page), file)) if file else page
            if not os.path.exists(path):
                bad(page, number, f"the link {target}: {path} is not there")
            elif anchor and anchor not in anchors(path):
                bad(page, number, f"the link {target}: {path} has no such heading")


class Known:
    """What the program and the tree know."""

    def __init__(self, program):
        say = lambda *a: subprocess.run([program, "help", *a], capture_output=True, text=True).stdout
        self.keys, section = set(), ""
        for line in say("reference").split("\n"):
            if line.startswith("["):
                section = line.strip("[]")
            elif re.match(r"\w+ *=", line):
                self.keys.add(f"{section}.{line.split('=')[0].strip()}")
        self.sections = {k.split(".")[0] for k in self.keys}
        self.verbs = set(re.findall(r"^  ([a-z]+) ", say(), re.M))
        self.targets = set(re.findall(r"^(\w+):", open("Makefile").read(), re.M))
        self.sources = "".join(open(f, encoding="utf-8").read() for f in
                               glob.glob("src/app/*.c") + glob.glob("analysis/*.py") + glob.glob("tests/peers/*.py"))
        self.sources += "".join(open(f).read() for f in glob.glob("jobs/*.s*"))


ENDINGS = "h5 safetensors json jsonl md txt sh py c sbatch conf png".split()
FOLDERS = "bin build docs include input jobs src tests analysis".split()


def check_code(page, number, text, known):
    for section, key in re.findall(r"(?<![\w./-])(%s)\.([a-z]\w*)" % "|".join(known.sections), text):
        if f"{section}.{key}" not in known.keys and key not in ENDINGS:
            bad(page, number, f"no deck has a key {section}.{key}")
    for section, key in re.findall(r"^\[(\w+)\] (\w+)", text):
        if f"{section}.{key}" not in known.keys:
            bad(page, number, f"no deck has [{section}] {key}")
    for verb in re.findall(r"(?:^|[\s(])(?:bin/)?aletheia ([a-z]+)(?![\w/.-])", text):
        if verb not in known.verbs:
            bad(page, number, f"there is no verb {verb}")
    for target in re.findall(r"(?:^|\n)make ([a-z]+)", text):
        if target not in known.targets:
            bad(page, number, f"the Makefile has no target {target}")
    for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", text):
        if option not in known.sources:
            bad(page, number, f"nothing knows the option {option}")


def check_files(page, number, text):
    for word in re.findall(r"(?<![\w./~$*-])(?:%s)/[\w./*-]*" % "|".join(FOLDERS), text):
        stands_for = re.search(r"[A-Z]{4}", word.replace("README", ""))
        if not word.startswith(("bin/", "build/")) and not stands_for and not glob.glob(word.rstrip(".")):
            bad(page, number, f"{word} is not there")


def names(pages, known):
    for page in pages:
        blocks, words = read(page)
        check_links(page, words)
        text = "\n".join(line for _, line in words)
        for found in re.finditer(r"`([^`]+)`", text):
            number = words[text.count("\n", 0, found.start())][0]
            code = " ".join(found[1].split())
            check_code(page, number, code, known)
            check_files(page, number, code)
        for block in blocks:
            for i, line in enumerate(block.lines, 1):
                if block.kind in ("sh", "") and '|| echo "exit code' not in line:     # a mistake that is shown
                    check_code(page, block.line + i, line, known)
                    check_files(page, block.line + i, line)
        for number, line in words:
            if re.match(r"    +(bin/aletheia|aletheia|mpirun|make|jobs/|sbatch) ", line):
                bad(page, number, "a command outside of a ```sh block, where nobody tries it")


# Examples -------------------------------------------------------------------------------------

def masked(line):
    line = re.sub(r"\b[0-9a-f]{32}\b", "HASH", line)
    line = re.sub(r"\b(seconds|\w+_per_s|\w+_s|\w+_mb)=\S+", r"\1=N", line)
    line = re.sub(r'"(cpu_us|wall_us|time_us|memory_kb)": *\d+', r'"\1": N', line)
    line = re.sub(r"\b\d+(\.\d+)? (s|MB|tok/s)\b", r"N \2", line)
    return " ".join(line.split())


def compare(page, block, output):
    lines, at = [masked(line) for line in output.split("\n")], 0
    for i, shown in enumerate(block.lines, 1):
        shown = masked(shown)
        if shown in ("", "..."):
            continue
        pattern = ".*".join(re.escape(part) for part in shown.split("..."))
        while at < len(lines) and not re.fullmatch(pattern, lines[at]):
            at += 1
        if at == len(lines):
            bad(page, block.line + i, f"this is not printed (any more):\n    {block.lines[i - 1]}\nbut\n" +
                "\n".join("    " + line for line in output.split("\n")[:60]))
            return
        at += 1


def has_modules(block):
    return subprocess.run(["/usr/bin/python3", "-c", "".join(f"import {m}\n" for m in block.modules)],
                          stderr=subprocess.DEVNULL).returncode == 0


def run_block(page, block):
    try:
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", "\n".join(block.lines)], timeout=600,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output, code = done.stdout.decode("utf-8", "replace"), done.returncode
    except subprocess.TimeoutExpired:
        output, code = "", "none: not finished after 600 s"
    if code:
        bad(page, block.line, f"exit code {code} of\n" + "\n".join("    " + line for line in block.lines) + "\nwhich said\n" +
            "\n".join("    " + line for line in output.split("\n")[-30:]))
        return None
    return output


def run(top, page):
    output = None
    for block in read(os.path.join(top, page))[0]:
        if block.file:
            os.makedirs(os.path.dirname(block.file) or ".", exist_ok=True)
            open(block.file, "w", encoding="utf-8").write("\n".join(block.lines) + "\n")
        elif block.kind == "sh":
            output = None
            if block.reason == "":
                bad(page, block.line, "not run, and no reason why")
            elif block.reason is None and (not block.modules or has_modules(block)):
                output = run_block(page, block)
        elif block.kind == "text":
            if output is not None:
                compare(page, block, output)
            output = None
        elif block.kind:
            bad(page, block.line, f"a block of {block.kind} without a file name (\"... `NAME`:\" before it)")


if sys.argv[1] == "names":
    os.chdir(sys.argv[2])
    names(sys.argv[4:], Known(sys.argv[3]))
else:
    run(sys.argv[2], sys.argv[3])
sys.exit(bads > 0)
