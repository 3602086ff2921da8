#!/usr/bin/env python3
"""Puts known bugs into a copy of the tree, one by one, and lists which tests notice each.

    tests/mutants/run.py [--only NAME]… [--tests LABELS] [--jobs N] [--seeds N]    about a minute for each bug
    tests/mutants/run.py --check                                  only whether every bug can still be put in

A bug is a file of this folder: a line that says what it is, then for each edit "file PATH", the lines to find ("- ")
and the lines to put there ("+ "). What is to be found must be there exactly once, so that a bug that no longer fits
the code is noticed. The copy and its build are in build/mutants; the tree itself is never touched.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
COPY = ROOT / "build/mutants/source"
BUILD = ROOT / "build/mutants/build"


class Mutant:
    """One planted bug: its words and its edits, each (path, found text, new text)."""

    def __init__(self, path):
        self.name = path.stem
        lines = path.read_text(encoding="utf-8").splitlines()
        self.words = lines[0]
        self.edits = []
        for line in lines[1:]:
            if line.startswith("file "):
                self.edits.append([line[5:], [], []])
            elif line[:2] in ("- ", "+ "):
                self.edits[-1][1 if line[0] == "-" else 2].append(line[2:])
            else:
                sys.exit(f"{path}: neither file, - nor +: {line}")

    def changed(self, tree):
        """The new text of every file it touches; an error in words when an edit does not fit."""
        texts = {}
        for path, old, new in self.edits:
            text = texts.get(path) or (tree / path).read_text(encoding="utf-8")
            found, put = "\n".join(old), "\n".join(new)
            if text.count(found) != 1:
                sys.exit(f"{self.name}: found {text.count(found)} times in {path}:\n{found}")
            texts[path] = text.replace(found, put)
        return texts


def run(command, **more):
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **more)


def copy_tree():
    """The files of the working tree as they are now; unchanged ones keep their time, so that little is rebuilt."""
    listed = run(["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"]).stdout.split("\n")
    for name in filter(None, listed):
        source, target = ROOT / name, COPY / name
        if not source.is_file():
            continue
        if target.exists() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def write(texts):
    for path, text in texts.items():
        (COPY / path).write_text(text, encoding="utf-8")


def tests_of_the_build(options):
    listed = run(["ctest", "--test-dir", str(BUILD), "-N", "-L", options.tests]).stdout
    return re.findall(r"Test +#\d+: (\S+)", listed)


def build(options):
    targets = ["tst_" + test for test in tests_of_the_build(options)]
    built = run(["cmake", "--build", str(BUILD), f"-j{options.jobs}", "--target", *targets])
    return None if built.returncode == 0 else built.stdout[-3000:]


def failing(options):
    """Names of the tests that fail, each with its failing functions."""
    environment = dict(os.environ, SESSIONSCOPE_SEEDS=str(options.seeds), QT_QPA_PLATFORM="offscreen")
    out = run(["ctest", "--test-dir", str(BUILD), "-L", options.tests, "-j", str(options.jobs), "--timeout", "120",
               "--output-on-failure"], env=environment).stdout
    caught = {}
    for test in re.findall(r"^\s*\d+ - (\S+) \((?:Failed|Timeout|SEGFAULT|Subprocess aborted|.*Exception.*)\)", out, re.M):
        caught[test] = []
    for function in re.findall(r"^FAIL!  : \w+::(\w+)\(", out, re.M):
        caught.setdefault("functions", []).append(function)
    return caught


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--tests", default="^(session|broker|lab|simulation|fuzz)$", help="labels of the tests to run")
    parser.add_argument("--jobs", default=2, type=int)
    parser.add_argument("--seeds", default=500, type=int, help="of the simulation")
    options = parser.parse_args()
    mutants = [Mutant(path) for path in sorted(HERE.glob("*.mutant"))]
    if options.check:
        for mutant in mutants:
            mutant.changed(ROOT)
        print(f"{len(mutants)} bugs can be put in")
        return 0

    copy_tree()
    configured = run(["cmake", "-S", str(COPY), "-B", str(BUILD), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
                      "-DCMAKE_CXX_FLAGS_DEBUG=-g1", "-DSESSIONSCOPE_WINDOW=OFF"])
    if configured.returncode != 0:
        sys.exit(configured.stdout)
    if error := build(options):
        sys.exit(error)
    if already := failing(options):
        sys.exit(f"without any bug these fail: {already}")

    missed = 0
    for mutant in mutants:
        if options.only and mutant.name not in options.only:
            continue
        texts = mutant.changed(COPY)
        before = {path: (COPY / path).read_text(encoding="utf-8") for path in texts}
        write(texts)
        error = build(options)
        caught = {} if error else failing(options)
        write(before)
        functions = sorted(set(caught.pop("functions", [])))
        print(f"{mutant.name}: {mutant.words}")
        if error:
            print("    does not build:\n" + error)
        elif not caught:
            print("    NOT CAUGHT")
        else:
            print("    caught by " + ", ".join(sorted(caught)))
            print("    in " + ", ".join(functions[:8]) + (f" and {len(functions) - 8} more" if len(functions) > 8 else ""))
        sys.stdout.flush()
        missed += 0 if caught else 1
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
