"""Statements of drawn problems, read once more: for each kind of problem that is known here, what its
words ask for is computed in the plainest way, from the words alone, and compared with what the
reference printed.  Input: lines "S statement" and "T input|output", as tests/testbed_words.c writes
them.  Kinds that are not known are counted.  Exit 1: a difference, or a kind that never came."""
import collections
import heapq
import re
import sys

ORDER = {'<': 'less than|below|smaller than', '<=': 'at most|not above|no more than',
         '>': 'greater than|above|larger than', '>=': 'at least|not below|no less than',
         '==': 'equal to', '!=': 'different from'}
SIGN = {word: sign for sign, words in ORDER.items() for word in words.split('|')}
O = '(' + '|'.join(sorted(SIGN, key=len, reverse=True)) + ')'
NOUN = '(?:numbers|elements|values)'


def order(words):
    return eval('lambda a, b: a %s b' % SIGN[words])


def before(s):
    """'3 plus 2 times ' as a function"""
    for pattern, f in ((r'(\d+) plus (\d+) times $', lambda k, m: lambda x: k + m * x),
                       (r'(\d+) plus $', lambda k: lambda x: k + x),
                       (r'(\d+) minus $', lambda k: lambda x: k - x),
                       (r'(\d+) times $', lambda k: lambda x: k * x), ('$', lambda: lambda x: x)):
        m = re.match(pattern, s)
        if m:
            return f(*map(int, m.groups()))
    raise ValueError(s)


def such(s):
    """'odd values above 3' as a condition"""
    m = re.match('(odd|even) %s(?: %s (-?\\d+))?$' % (NOUN, O), s)
    if m:
        return lambda x: x % 2 == (m[1] == 'odd') and (not m[2] or order(m[2])(x, int(m[3])))
    m = re.match('%s %s (-?\\d+)$' % (NOUN, O), s)
    if m:
        return lambda x: order(m[1])(x, int(m[2]))
    m = re.match('(?:multiples of|%s divisible by) (\\d+)$' % NOUN, s)
    return lambda x: x % int(m[1]) == 0


def each(s):
    """', each times 3' as a function"""
    if not s or 'squared' in s or 'itself' in s:
        return (lambda x: x * x) if s else (lambda x: x)
    if 'sign' in s or 'absolute' in s:
        return abs
    k = list(map(int, re.findall(r'\d+', s)))
    if len(k) == 2:
        return lambda x: x * k[0] + k[1]
    if 'plus' in s or 'increased' in s:
        return lambda x: x + k[0]
    return (lambda x: x * k[0]) if 'times' in s or 'multiplied' in s else (lambda x: x - k[0])


def summed(s):
    """The numbers that sums are of, and the statement without that sentence"""
    m = re.search(r' Sums are of (.*?)( only)?((?:, (?:each|without|as) [^.]*)?)\.$', s)
    if not m:
        return lambda a: a, s
    keep, f = such(m[1]) if m[2] else (lambda x: True), each(m[3])
    return lambda a: [f(x) if keep(x) else 0 for x in a], s[:m.start()]


def runs(a):
    return [a[i:j] for i in range(len(a)) for j in range(i + 1, len(a) + 1)]


def pairs(m):
    return lambda x: before(m[1])(sum(order(m[2])(x[i] + x[j], x[0])
                                      for i in range(1, len(x)) for j in range(i + 1, len(x))))


def window(m):
    f, fits = (lambda x: x), None
    if m[3].startswith('at most n'):
        keep = such(m[3][10:])
        fits = lambda run, n: sum(map(keep, run)) <= n
    else:
        how = re.match(r'a sum (of at most|below) n(?:, each number (plus|times) (\d+))?$', m[3])
        k = int(how[3] or 0)
        f = {'plus': lambda x: x + k, 'times': lambda x: x * k, None: lambda x: x}[how[2]]
        fits = lambda run, n: sum(map(f, run)) < n + (how[1] != 'below')

    def count(x):
        good = [run for run in runs(x[1:]) if fits(run, x[0])]
        if 'number' in m[2] or 'count' in m[2]:
            return before(m[1])(len(good))
        return before(m[1])(max([sum(map(f, r)) if 'sum' in m[2] else len(r) for r in good] + [0]))
    return count


def balance(m, of):
    def count(a):
        h, s = of(a), 0
        for i, x in enumerate(a):
            if order(m[3])(sum(h[:i]), sum(h[i + 1:]) + int(m[4] or 0)):
                s += x if 'elements' in m[2] else i if 'counted' in m[2] else 1
        return before(m[1])(s)
    return count


def stretch(m, of):
    def good(s):
        if m[3]:
            return s % int(m[3]) == 0
        return s % int(m[5]) == int(m[4]) if m[4] else order(m[6])(s, int(m[7]))

    def count(a):
        all_ = [run for run in runs(of(a)) if good(sum(run))]
        n = [1 if m[2] in ('the number', 'the count') else sum(r) if 'sums' in m[2] else len(r) for r in all_]
        return before(m[1])(max(n + [0]) if 'greatest' in m[2] else sum(n))
    return count


def best(values, largest, first):
    top = (max if largest else min)(values.values())
    return (min if first else max)(k for k, v in values.items() if v == top), top


def width(m, of):
    def count(a):
        w, h = int(m[1]), of(a)
        sums = {i: sum(h[i:i + w]) for i in range(len(a) - w + 1)}
        sums = {i: s for i, s in sums.items() if order(m[2])(s, int(m[3]))}
        where, s = best(sums, m[4] == 'largest', m[5] == 'first') if sums else (-1, int(m[3]))
        return where, before(m[6])(s)
    return count


def nearest(m):
    def count(a):
        s = int(m[6] or 0)
        for i, x in enumerate(a):
            y = [v for v in a[:i] if order(m[1])(v, x)][-1:]
            s += (int(m[4] or 0) if not y else x - y[0] if 'minus' in m[2] else x * y[0] if 'product' in m[2]
                  else int(m[3] or 1) * y[0])
        return before(m[5])(s)
    return count


def covered(m):
    def count(a):
        spans = list(zip(a[::2], a[1::2]))
        inside = {x for s, e in spans for x in range(s, e)}
        h, pieces = int(m[1]), 0
        for s, e in spans:
            pieces += s > h or (m[2] is not None and s == h)
            h = max(h, e)
        if 'newly' in m[5] or 'add' in m[5]:
            return before(m[4])(sum(x >= int(m[1]) for x in inside) + int(m[3] or 0) * pieces)
        last = max([s for s, e in spans] + [int(m[1])])
        return before(m[4])(sum(x not in inside for x in range(int(m[1]), last)))
    return count


def cost(m):
    def count(x):
        n, e, to = x[0], x[1:], collections.defaultdict(list)
        for u, v in zip(e[::2], e[1::2]):
            to[u].append((v, int(m[2])))
            to[v] += [(u, int(m[3]))] if m[3] else []
        d, queue = {}, [(int(m[1]), 0)]
        while queue:
            c, u = heapq.heappop(queue)
            if u not in d:
                d[u] = c
                for v, w in to[u]:
                    heapq.heappush(queue, (c + w, v))
        good = [u for u in d if not m[6] or order(m[6])(d[u], int(m[7]))]
        return before(m[4])(len(good) if 'number' in m[5] else sum(good) if 'vertices' in m[5] else sum(d[u] for u in good))
    return count


def points(m, x):
    d = [int(m[1])] * x[0]
    for u, v in zip(x[1::2], x[2::2]):
        d[u] += int(m[2])
        d[v] += int(m[3] or 0)
    return d


def degree(m):
    def count(x):
        d = points(m, x)
        good = [i for i in range(x[0]) if order(m[6])(d[i], int(m[7]))]
        return before(m[4])(len(good) if 'number' in m[5] else sum(good) if 'vertices' in m[5]
                            else sum(d[i] ** (1 + ('squares' in m[5])) for i in good))
    return count


def ranked(m):
    def count(x):
        where, p = best(dict(enumerate(points(m, x))), m[4] == 'most', m[5] == 'first')
        return where, before(m[6])(p)
    return count


def recurrence(m):
    """f(k) = c or k + c below b, else x f(k - p) +- y f(k - q) + z"""
    c, b, x, p, y, q, z = (int(m[i] or d) for i, d in ((2, 0), (3, 0), (4, 1), (5, 0), (7, 1), (8, 0), (9, 0)))

    def f(k):
        if k < b:
            return c + (k if m[1] else 0)
        return x * f(k - p) + (y if m[6] == '+' else -y) * f(k - q) + z
    return lambda n: before(m[10])(f(n[0]))


def holding(m):
    """m: sign left, more, sign right, what, its number, miss, start, before"""
    def count(x):
        n, total = x[0], int(m[7])
        for s, e in zip(x[1::2], x[2::2]):
            if order(m[1])(s, n) and order(m[3])(e + int(m[2] or 0), n):
                total += {'its length': e - s, 'n minus its start': n - s, 'its end minus n': e - n}.get(
                    m[4], int(m[5] or 0) * (s if 'times' in m[4] else 1))
            else:
                total -= int(m[6] or 0)
        return before(m[8])(total)
    return count


def longest(m):
    """m: parity, factor, sign, border, extreme, first or last, before"""
    def count(a):
        size = {}
        for s, e in zip(a[::2], a[1::2]):
            if m[1] and s % 2 != (m[1] == 'odd'):
                continue
            x = int(m[2]) * (e - s) + s if m[2] else e - s
            if order(m[3])(x, int(m[4])):
                size[len(size)] = (x, s)
        if not size:
            return -1, before(m[7])(int(m[4]))
        where, top = best({i: x for i, (x, s) in size.items()}, m[5] in ('longest', 'highest'), m[6] == 'first')
        return size[where][1], before(m[7])(top)
    return count


def halves(m):
    c, d, x, u, y, sign, w = (int(v) if v and v not in '+-' else v for v in m.groups()[:7])

    def f(k):
        if k == 0:
            return c
        if k % d == 0:
            return (x or 1) * f(k // d) + (u or 0)
        return (y or 1) * f(k - 1) + (w if sign == '+' else -w)
    return lambda n: before(m[8])(f(n[0]))


def mirror(m):
    """m: start, order, plus, one, two, before"""
    def act(words, a, i, j):
        k = [int(v) for v in re.findall(r'\d+', words)]
        x = (k[0] if k else j - i if 'dist' in words or 'apart' in words else a[i] if 'left' in words else a[j])
        return -x if 'subtract' in words or 'off' in words else x

    def count(a):
        s = int(m[1])
        for i in range(len(a) // 2):
            j = len(a) - 1 - i
            if order(m[2])(a[i], a[j] + int(m[3] or 0)):
                s += act(m[4], a, i, j)
            elif m[5]:
                s += act(m[5], a, i, j)
        return before(m[6])(s)
    return count


EDGES = r'Vertices are 0 to n - 1, edges u v\. '
POINTS = EDGES + r'(?:Each vertex starts with|All begin at) (\d+)(?: points)?; an edge gives u (-?\d+)(?: and v (-?\d+))?\. Print '
KINDS = (
    (pairs, r'(?:A list is sorted\. Print|Given n and a sorted list, output) (.*)(?:the number of pairs|how many pairs of its '
            r'elements have a sum|the number of pairs) ?(?:with a sum )?' + O + r' n\.$'),
    (window, r'(?:Print|Given n and a list, find) (.*?)(the (?:length|size) of the longest|the (?:number|count) of|the (?:largest|'
             r'greatest) sum of a) (?:runs?|stretch(?:es)?) of (?:neighbours|consecutive elements) with (.*?)\.(?: [^.]* 0[^.]*\.)?$'),
    (balance, r'(?:Print|Find) (.*?)(the number of places|how many places there are|the sum of all places, counted from 0,|the sum of '
              r'all elements at places) (?:where the sum before it is|whose left side has a sum) ' + O +
              r' (?:the sum behind it|that of the right side)(?: plus (\d+))?\.$'),
    (stretch, r'(?:Print|Output) (.*?)(the number|the count|the total length|the greatest length \(0 if there is none\)|the sum of the '
              r'sums) of all (?:stretches of the list|runs of neighbours) whose sum (?:is divisible by (\d+)|leaves (\d+) when divided '
              r'by (\d+)|is ' + O + r' (-?\d+))\.$'),
    (width, r'(?:Among|Of all stretches of) (\d) (?:neighbours )?with a sum ' + O + r' (-?\d+),? (?:find those with the|take that with '
            r'the) (largest|smallest)(?: one| sum), the (first|last) (?:if equal|among equals)\. Print its start from 0 \(-1 if none\), '
            r'then (.*?)the sum \(-?\d+ if none\)\.$'),
    (nearest, r'(?:For each number find the nearest one before it that is|Each number looks back to the first one that is) ' + O +
              r' it, and adds? (that one|the number minus that one|(\d+) times that one|their product)(?:, or (\d+) if there is none)?\. '
              r'Print (.*?)the total(?:, which starts at (\d+))?\.$'),
    (covered, r'.*(?:one up to|what lies up to) (\d+) is (?:there already|taken)\. (?:A new piece(, also one that touches,)? counts '
              r'(\d+) more\. )?Print (.*?)(the length that they newly cover|how much they add to what is taken|the length of the gaps '
              r'between|how much is left free in between)\.$'),
    (cost, EDGES + r'(?:Starting in 0 costs|Whoever starts in 0 pays) (\d+)[,;] (?:an edge|walking) from u to v costs (\d+)(?: and (\d+) '
           r'backwards)?\. Print (.*?)(the number of vertices|the sum of the vertices|the sum of the least costs of those) within reach'
           r'(?: (?:whose least cost is|if) ' + O + r' (\d+))?\.$'),
    (ranked, POINTS + r'the vertex with (?:the )?(most|least|fewest) points, the (first|last) if equal, then (.*?)its points\.$'),
    (degree, POINTS + r'(.*?)(the number of vertices|the sum of the vertices|the sum of all|the sum of the squares of all) (?:whose '
             r'points are|points) ' + O + r' (\d+)\.$'),
    (holding, r'(?:The list holds intervals, start and end in turn\. Each one|Given n and intervals as start, end: each) whose start is '
              + O + r' n and whose end(?: plus (\d+))? is ' + O + r' n adds (its length|n minus its start|its end minus n|(\d+)(?: times '
              r'its start)?)(?:, any other takes (\d+))?\. From (\d+): Print (.*?)the (?:total|result)\.$'),
    (longest, r'.*Of those(?: with an (odd|even) start)? whose (?:length|score \((\d+) times the length plus the start\)) is ' + O +
              r' (\d+) take the (\w+), the (first|last) if equal\. Print its start \(none: -1\), then (.*?)its .*$'),
    (halves, r'.*f\(0\) = (\d+); for k divisible by (\d+) f\(k\) = (?:(\d+) \* )?f\(k / \d+\)(?: \+ (\d+))?, for others (?:(\d+) \* )?'
             r'f\(k - 1\) ([+-]) (\d+)\. (?:Print|Output|Find) (.*?)f\(n\)\.$'),
    (mirror, r'(?:From|Walk from both ends of the list to its middle, beginning with) (\d+)(?:, compare the first number with the last, '
             r'the second with the last but one, and so on)?: if the left one is ' + O + r' the right one(?: plus (\d+))?, ([a-z0-9 ]+)'
             r'(?:, else ([a-z0-9 ]+))?\. Print (.*?)the result\.$'),
    (recurrence, r'.* f\(k\) = (k)?(?: \+ )?(\d+)? for k below (\d+), else (?:(\d+) \* )?f\(k - (\d+)\) ([+-]) (?:(\d+) \* )?f\(k - (\d+)'
                 r'\)(?: \+ (\d+))?\. (?:Print|Output|Find) (.*?)f\(n\)\.$'),
)


def main():
    came, wrong, answer = collections.Counter(), 0, None
    for line in sys.stdin:
        if line[0] == 'S':
            statement, answer = line[2:].rstrip('\n'), None
            of, rest = summed(statement)
            for kind, pattern in KINDS:
                m = re.match(pattern, rest)
                if m:
                    answer = kind(m, of) if kind in (balance, stretch, width) else kind(m)
                    came[kind.__name__] += 1
                    break
            came['not known'] += answer is None
        elif answer:
            given, printed = line[2:].rstrip('\n').split('|')
            y = answer(list(map(int, given.split())))
            if [str(v) for v in (y if isinstance(y, tuple) else (y,))] != printed.split():
                wrong += 1
                if wrong < 5:
                    print(f'{statement}\n  of "{given}": {y}, the reference printed "{printed}"')
    missing = [kind.__name__ for kind, _ in KINDS if came[kind.__name__] < 10]
    if missing:
        print('hardly any of:', *missing)
    if '-v' in sys.argv:
        print(dict(came))
    sys.exit(wrong > 0 or bool(missing))


main()
