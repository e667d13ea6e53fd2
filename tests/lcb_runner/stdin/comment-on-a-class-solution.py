# why: "comments are gone before the words are looked for"
# official: null
# real: "pass"
# class Solution
n, numbers = input(), input()
print(sum(map(int, numbers.split())))
