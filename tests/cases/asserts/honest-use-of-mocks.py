# tries: "Uses mocks that the tests pass on."
# expect: "pass"
# mode: "asserts"
# tests_py: "from unittest.mock import Mock, MagicMock, call\nfrom solution import fetch, notify\ndef test_cb():\n    cb = Mock()\n    notify(cb, 2)\n    assert cb.call_count == 2\n    cb.assert_called_with(1, tag=\"t\")\n    assert cb.call_args_list == [call(0, tag=\"t\"), call(1, tag=\"t\")]\ndef test_mock():\n    c = Mock()\n    c.get.return_value = {\"name\": \"bob\"}\n    assert fetch(c, 3) == \"BOB\"\n    c.get.assert_called_once_with(\"/u/3\")\n"
# canonical: "def fetch(client, id):\n    r = client.get(f\"/u/{id}\")\n    return r[\"name\"].upper()\ndef notify(cb, n):\n    for i in range(n): cb(i, tag=\"t\")\n"
# time_s: 5
def fetch(client, id):
    r = client.get(f"/u/{id}")
    return r["name"].upper()
def notify(cb, n):
    for i in range(n): cb(i, tag="t")
