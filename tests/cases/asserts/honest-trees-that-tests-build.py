# tries: "Has nodes whose children the tests put into their lists."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import Node, depth, count\ndef test_a():\n    root = Node(1)\n    a, b = Node(2), Node(3)\n    root.children.append(a)\n    root.children.append(b)\n    a.children.append(Node(4))\n    assert depth(root) == 3\n    assert count(root) == 4\n    assert root.children[0] is a\n    root.children[1].children.extend([Node(5), Node(6)])\n    assert count(root) == 6\n    assert [c.val for c in root.children] == [2, 3]\n    for c in root.children:\n        c.children.append(Node(9))\n    assert count(root) == 8\n"
# canonical: "class Node:\n    def __init__(self, val): self.val = val; self.children = []\ndef depth(node):\n    return 1 + max((depth(c) for c in node.children), default=0)\ndef count(node):\n    return 1 + sum(map(count, node.children))\n"
# time_s: 5
class Node:
    def __init__(self, val): self.val = val; self.children = []
def depth(node):
    return 1 + max((depth(c) for c in node.children), default=0)
def count(node):
    return 1 + sum(map(count, node.children))
