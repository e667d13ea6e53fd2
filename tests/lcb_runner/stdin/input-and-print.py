# why: "the plainest way works"
# official: null
# real: "pass"
n = int(input())
print(sum(map(int, input().split())))
