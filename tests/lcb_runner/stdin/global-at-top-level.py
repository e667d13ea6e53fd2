# why: "what stands at the top level is local to a function"
# official: -4
# real: "pass"
total = 0
def add(number):
    global total
    total += number
n, numbers = input(), input()
for number in numbers.split():
    add(int(number))
print(total)
