#!/usr/bin/env python3
"""Asks PyYAML, which reads YAML 1.1, what plain scalars are, and writes its answers to scalars.json beside this: texts by
the kind it takes them for, numbers with their value. Needs PyYAML."""
import itertools, json, pathlib, yaml

WORDS = """null Null NULL nULL ~ yes Yes YES yEs no No NO nO true True TRUE tRUE false False FALSE on On ON oN off Off OFF
y Y n N .inf -.inf +.Inf .INF .iNF .nan .NaN .NAN inf nan 1:30 12:30:45 190:20:30.15 1:60 22:22 -1:30 2010-09-09
2001-12-14t21:59:43.10-05:00 2001-1-1 2001-1-1x 0o17 0777 0778 01_7 1_000 1__0 1_000.5 0x1F 0X1F 0xg 0x_f 0b101 0b_1 0b2
+0x1f -0b1 1e3 1e+3 1.e3 1.0e3 1.0e+3 1.5E-3 .5e+3 .e3 1e 1e+ 6.02e23 12345678901 012345678901 4096KB 10.0.0.0/16 10.0.0
-- - = << . .. +. -. -.5 +.5 +1. -0 +0 00 08 09 0_ _0 1_ 1a a1 a""".split()
SIGNS = "018_.-+exb"


def kind(text):
    tag = yaml.SafeLoader("").resolve(yaml.ScalarNode, text, (True, False))
    return tag.rpartition(":")[2]


def value(text):
    """The value of a number, in decimal digits; nothing of all else."""
    read = yaml.safe_load(text)
    return format(read, "f" if isinstance(read, float) else "d") if kind(text) in ("int", "float") else None


texts = set(WORDS) | {"".join(signs) for length in (1, 2, 3) for signs in itertools.product(SIGNS, repeat=length)}
kinds = {}
for text in sorted(texts):
    # What a plain scalar cannot be in the first place is no question.
    try:
        if yaml.compose(f"k: {text}", Loader=yaml.SafeLoader).value[0][1].value != text:
            continue
        kinds.setdefault(kind(text), {})[text] = value(text)
    except (yaml.YAMLError, ValueError):
        continue
rows = ",\n".join(f"  {json.dumps(kind)}: {json.dumps(texts)}" for kind, texts in sorted(kinds.items()))
(pathlib.Path(__file__).parent / "scalars.json").write_text(f"{{\n{rows}\n}}\n")
