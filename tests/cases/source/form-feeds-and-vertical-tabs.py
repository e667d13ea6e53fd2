# tries: "Has form feeds where Python takes them for nothing, and tabs for spaces."
# expect: "pass"

def add(a, b):
	return a + b

