# What rLLM lets LeetCode programs use without importing it, numpy and pandas apart: its names, not its text.
# Modules come last where a function of theirs has the same name.
from collections import Counter, OrderedDict, defaultdict, deque
from copy import deepcopy
from functools import *
from heapq import *
from itertools import *
from math import atan2, ceil, comb, factorial, floor, gcd, inf, isqrt, log, log2, log10, pi, prod, sqrt
from bisect import bisect_left, bisect_right, insort
from operator import iand, itemgetter, or_, sub, xor
from os.path import commonprefix
from random import randrange, shuffle
from re import search as re_search
from string import ascii_lowercase, ascii_uppercase
from time import time
from typing import *

import bisect, collections, copy, datetime, functools, heapq, io, itertools
import math, operator, os, random, re, string, sys


# The classes of LeetCode itself.
class ListNode:
    def __init__(self, val=0, next=None):
        self.val, self.next = val, next


class TreeNode:
    def __init__(self, val=0, left=None, right=None):
        self.val, self.left, self.right = val, left, right
