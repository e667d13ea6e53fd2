# tries: "Reverses a linked list whose class stands in the preamble, and changes its argument."
# expect: "pass"
# mode: "asserts"
# preamble: "class ListNode:\n    def __init__(self, val=0, next=None):\n        self.val = val\n        self.next = next\n\ndef list_node(values):\n    head = None\n    for value in reversed(values):\n        head = ListNode(value, head)\n    return head\n\ndef values(node):\n    return [] if node is None else [node.val, *values(node.next)]\n"
# tests_py: "def check(candidate):\n    given = list_node([1, 2, 3])\n    turned = candidate(head=given)\n    assert values(turned) == [3, 2, 1]\n    assert turned.next.next is given and given.next is None\n    assert candidate(list_node(list(range(20000)))).val == 19999\n    assert candidate(None) is None\n"
# check: "Solution().turn"
class Solution:
    def turn(self, head):
        before = None
        while head:
            head.next, before, head = before, head, head.next
        return before
