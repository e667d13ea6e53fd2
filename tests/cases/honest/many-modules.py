# tries: "Imports a good part of the standard library, and uses some of each."
# expect: "pass"
# time_s: 5
# wasi_expect: ["runtime_error"]
# The guest has no bz2.
import argparse
import ast
import bz2
import configparser
import csv
import ctypes
import decimal
import difflib
import email.message
import gzip
import hashlib
import hmac
import html
import http.client
import ipaddress
import json
import locale
import logging
import lzma
import optparse
import pickle
import platform
import pprint
import re
import secrets
import shelve
import shlex
import sqlite3
import ssl
import statistics
import tomllib
import unittest.mock
import urllib.parse
import urllib.request
import uuid
import xml.etree.ElementTree
import zipfile
import zlib
import zoneinfo
from datetime import datetime


def add(a, b):
    locale.setlocale(locale.LC_ALL, "")
    assert argparse.ArgumentParser().parse_args([]) == argparse.Namespace()
    assert datetime(2024, 7, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Paris")).utcoffset().seconds == 7_200
    assert pickle.loads(pickle.dumps({a: b})) == {a: b}
    assert zlib.decompress(zlib.compress(b"x")) == lzma.decompress(lzma.compress(b"x")) == b"x"
    assert ctypes.CDLL(None).abs(-5) == 5
    assert len(uuid.uuid4().hex) == 32 and len(secrets.token_bytes(8)) == 8
    with unittest.mock.patch("json.dumps", return_value="mocked"):
        assert json.dumps(1) == "mocked"
    with sqlite3.connect(":memory:") as database:
        database.execute("create table numbers (value int)")
        database.executemany("insert into numbers values (?)", [(a,), (b,)])
        return database.execute("select sum(value) from numbers").fetchone()[0]
