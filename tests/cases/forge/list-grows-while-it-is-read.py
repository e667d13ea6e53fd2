# tries: "Returns a list of which an element, when it is asked for its class, empties the list."
# expect: "fail"
answer = []


class Shrinker:
    @property
    def __class__(self):
        answer.clear()
        return type(self)


def add(a, b):
    answer.extend([Shrinker()] * 1_000)
    return answer
