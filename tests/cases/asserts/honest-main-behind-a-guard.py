# tries: "Has a main function that reads and prints."
# expect: "pass"
# mode: "asserts"
# tests_py: "import io, sys\nfrom solution import main\ndef test_a(monkeypatch, capsys):\n    monkeypatch.setattr('sys.stdin', io.StringIO('21\\n'))\n    main()\n    assert capsys.readouterr().out.strip() == '42'\n"
# canonical: "def main():\n    n = int(input())\n    print(n * 2)\nif __name__ == '__main__':\n    main()\n"
# time_s: 5
def main():
    n = int(input())
    print(n * 2)
if __name__ == '__main__':
    main()
