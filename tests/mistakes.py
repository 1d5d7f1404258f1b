"""What staff mistype in a knowledge base: the mistake, the line it is on, and words of the remedy.

In WRONG and WRONG_CALCULATION a mistake is what stands in the good file, and what stands there instead.
"""

ENTRY = "knowledge_base: a\nentries:\n  - id: x\n    question: 怎么退款\n    answer: 点退款。\n"

BROKEN = {
    "tab indentation": ("knowledge_base: a\nentries:\n\t- id: x\n", 3, "indent with spaces"),
    "tab after spaces": ("knowledge_base: a\nentries:\n  - id: x\n  \tquestion: 问\n", 4, "indent with spaces"),
    "second colon": ("knowledge_base: a\ntitle: 说明: 退款\n", 2, "single quotes"),
    "full-width colon": ("knowledge_base: a\ntitle：退款\nentries: []\n", 2, "full-width"),
    "full-width colon everywhere": ("knowledge_base：a\n", 1, "full-width"),
    "no space after the colon": ("knowledge_base: a\ntitle:退款\nentries: []\n", 2, "no space after the colon"),
    "open single quote": ("knowledge_base: a\ntitle: '退款\nentries: []\n", 2, "never closed"),
    "open double quote": ('knowledge_base: a\ntitle: "退款\nentries: []\n', 2, "never closed"),
    "open bracket": ("knowledge_base: a\ndocuments: [a.pdf, b.pdf\ntitle: 退款\n", 2, "never closed"),
    "open brace": ("knowledge_base: a\nentries:\n  - {id: x, question: 问\ntitle: 退款\n", 3, "never closed"),
    "text after a quote": ("knowledge_base: a\ntitle: '退'款\n", 2, "closing quote"),
    "backslash in double quotes": ('knowledge_base: a\ntitle: "C:\\段"\n', 2, "backslash"),
    "wrong indentation": (ENTRY + "   variants: [a]\n", 6, "indentation"),
    "dash in the wrong column": ("knowledge_base: a\ndocuments:\n  - a.pdf\n - b.pdf\n", 4, "indentation"),
    "begins with @": ("knowledge_base: a\ntitle: @客服\n", 2, "cannot begin with this"),
    "begins with %": ("%客服\n", 1, "cannot begin with '%'"),
    "begins with *": ("knowledge_base: a\ntitle: *重要*\n", 2, "cannot begin with '*'"),
    "begins with !": ("knowledge_base: a\ntitle: !注意\n", 2, "cannot begin with '!'"),
    "begins with {": ("knowledge_base: a\ntitle: {名字}\n", 2, "begins with '{'"),
    "list beside its key": ("knowledge_base: a\ndocuments: - a.pdf\n", 2, "next line"),
    "anchor and alias": ("knowledge_base: &n a\ntitle: *n\n", 1, "write the text out"),
    "tag": ("knowledge_base: !!python/name:os.system a\n", 1, "not allowed"),
    "second document": (ENTRY + "---\nknowledge_base: b\n", 6, "one file is one knowledge base"),
    "key that is a map": ("knowledge_base: a\n? {b: c}\n: d\n", 2, "a key must be one word"),
    "billion laughs": ("a: &a [x]\nb: &b [*a, *a]\n", 1, "not allowed"),
    "nested without end": ("knowledge_base: " + "[" * 100_000, 1, "nested more than"),
    "control character": ("knowledge_base: a\ntitle: a\0b\n", 2, "U+0000"),
    "lone surrogate": ("knowledge_base: a\ntitle: a\ud800b\n", 2, "U+D800"),
    "escaped control character": ('knowledge_base: a\ntitle: "a\\x07b"\n', 2, "U+0007"),
    "empty": ("", 1, "the file is empty"),
    "comments only": ("# nothing\n", 1, "the file is empty"),
    "a list": ("- a\n- b\n", 1, "must be 'key: text' lines"),
}

WRONG = {
    "unknown key": ("answer: 点退款。", "anwser: 点退款。\n    answer: 好", 5, "did you mean answer?"),
    "unknown key far from any": ("answer: 点退款。", "zzz: 1\n    answer: 好", 5, "the keys are id, question"),
    "key twice": ("answer: 点退款。", "answer: 好\n    answer: 不好", 6, "written twice"),
    "merge key": ("answer:", "<<: {answer: 好}\n    answer:", 5, "unknown key '<<'"),
    "no answer": ("    answer: 点退款。\n", "", 3, "answer is missing"),
    "empty answer": ("点退款。", "", 5, "answer is empty"),
    "blank answer": ("点退款。", "'  '", 5, "answer is empty"),
    "empty question": ("怎么退款", "", 4, "question is empty"),
    "punctuation for a question": ("怎么退款", "'？！'", 4, "no letter or digit"),
    "no id": ("- id: x\n    ", "- ", 3, "id is missing"),
    "number for an id": ("id: x", "id: 12", 3, "in quotes: '12'"),
    "truth for an answer": ("点退款。", "true", 5, "in quotes: 'true'"),
    "null for an answer": ("点退款。", "~", 5, "in quotes: '~'"),
    "space in an id": ("id: x", "id: a b", 3, "is not an id"),
    "list for a text": ("点退款。", "[点, 退款]", 5, "must be one text"),
    "map for a text": ("点退款。", "\n      步骤: 点退款", 6, "a text with ': ' in it needs quotes"),
    "text for a list": ("answer:", "variants: 退钱\n    answer:", 5, "must be a list; write [退钱]"),
    "nothing for a list": ("answer:", "variants:\n    answer:", 5, "must be a list"),
    "empty item": ("answer:", "variants: [退钱, '']\n    answer:", 5, "an item of variants is empty"),
    "number in a list": ("answer:", "variants:\n    - 退钱\n    - 110\n    answer:", 7, "in quotes: '110'"),
    "text for an entry": (
        "- id: x\n    question: 怎么退款\n    answer: 点退款。",
        "- 怎么退款",
        3,
        "'key: text' lines",
    ),
    "impossible date": ("answer:", "valid: {until: 2026-02-30}\n    answer:", 5, "no day of the calendar"),
    "date in words": ("answer:", "valid: {until: 明年}\n    answer:", 5, "write it as 2026-01-31"),
    "date without zeros": ("answer:", "valid: {from: 2026-1-1}\n    answer:", 5, "write it as 2026-01-31"),
    "from after until": ("answer:", "valid: {from: 2026-02-01, until: 2026-01-01}\n    answer:", 5, "is before from"),
    "unknown key in valid": ("answer:", "valid: {till: 2026-01-01}\n    answer:", 5, "unknown key 'till' in valid"),
    "platform with a space": ("answer:", "answers: {We Chat: 好}\n    answer:", 5, "not a platform's name"),
    "platform twice": ("answer:", "answers: {im: 好, im: 坏}\n    answer:", 5, "written twice in answers"),
    "text for answers": ("answer:", "answers: 好\n    answer:", 5, "must be 'platform: text' lines"),
    "endless question": ("怎么退款", "退" * 1001, 4, "1001 characters long"),
    "no knowledge_base": ("knowledge_base: a\n", "", 1, "knowledge_base is missing"),
    "slash in knowledge_base": ("knowledge_base: a", "knowledge_base: a/b", 1, "holds '/' or ':'"),
    "share over a half": ("entries:", "wrong_answers: 0.5\nentries:", 2, "between 0 and 0.5"),
    "share in words": ("entries:", "wrong_answers: 少\nentries:", 2, "must be a number"),
    "one synonym": ("entries:", "synonyms: [[退款]]\nentries:", 2, "two words or more"),
    "synonym of two groups": ("entries:", "synonyms:\n- [a, b]\n- [c, B]\nentries:", 4, "already a synonym at line 3"),
    "flat synonyms": ("entries:", "synonyms: [a]\nentries:", 2, "two words or more"),
    "intent without examples": ("entries:", "intents: [{id: a}]\nentries:", 2, "examples is missing"),
    "document outside": ("entries:", "documents: [../secret.pdf]\nentries:", 2, "below this file's folder"),
    "document by address": ("entries:", "documents: ['https://a.b/c']\nentries:", 2, "below this file's folder"),
}

CALCULATION = """\
knowledge_base: a
calculations:
  - id: c
    question: 买{n}件多少钱
    inputs:
      n: {type: count, ask: 买几件？, min: 1, max: 9}
    formula: n * 5
    answer: 共 {result}。
"""

WRONG_CALCULATION = {
    "unknown slot": ("买{n}件", "买{m}件", 4, "{m} is not one of the inputs"),
    "unknown type": ("type: count", "type: integer", 6, "write one of money, percent"),
    "never asked": ("ask: 买几件？, ", "", 6, "has no ask"),
    "empty range": ("max: 9", "max: 0", 6, "max 0 is below min 1"),
    "default outside": ("max: 9", "max: 9, default: 10", 6, "outside min and max"),
    "bound in words": ("max: 9", "max: 很多", 6, "must be a number"),
    "percent without sign": ("type: count", "type: percent", 6, "a percentage such as 4.35%"),
    "impossible date": (
        "type: count, ask: 买几件？, min: 1, max: 9",
        "type: date, ask: 哪天？, min: 2026-02-30",
        6,
        "a date",
    ),
    "choice without choices": ("type: count", "type: choice", 6, "write them as"),
    "choices of a number": ("max: 9", "choices: [a]", 6, "only a choice has them"),
    "reserved name": ("      n:", "      result:", 6, "cannot name an input"),
    "empty formula": ("n * 5", "''", 7, "formula is empty"),
}
