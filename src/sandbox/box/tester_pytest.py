"""What tests use of pytest, as far as one file of asserts goes: raises, approx, fail, mark.parametrize."""


def make_pytest():
    import itertools, math, re, types

    class Info:
        """What `with raises(...) as info` knows afterwards."""
        value = type = None

        def match(self, pattern):
            assert re.search(pattern, str(self.value)), 'Pattern %r is not found in %r' % (pattern, str(self.value))
            return True

    class Raises:
        def __init__(self, expected, match):
            self.expected, self.match, self.info = expected, match, Info()

        def __enter__(self):
            return self.info

        def __exit__(self, kind, e, tb):
            if kind is None:
                raise AssertionError('%s was not raised' % (self.expected,))
            if not issubclass(kind, self.expected):
                return False
            self.info.value, self.info.type = e, kind
            if self.match is not None:
                self.info.match(self.match)
            return True

    def raises(expected, *call, match=None, **named):
        if not call:
            return Raises(expected, match)
        with Raises(expected, match) as info:
            call[0](*call[1:], **named)
        return info

    def near(a, b, rel, floor, nan_ok):
        if isinstance(b, (dict, list, tuple)):
            if isinstance(b, dict):
                return isinstance(a, dict) and a.keys() == b.keys() and all(near(a[k], b[k], rel, floor, nan_ok) for k in b)
            return isinstance(a, (list, tuple)) and len(a) == len(b) and all(near(x, y, rel, floor, nan_ok) for x, y in zip(a, b))
        if isinstance(b, (bool, str, bytes, type(None))) or isinstance(a, (str, bytes, type(None))):
            return a == b
        if a == b:
            return True
        if a != a or b != b:
            return nan_ok and a != a and b != b
        if isinstance(b, (int, float)) and math.isinf(b):
            return False
        relative = 1e-6 if rel is None and floor is None else rel or 0
        absolute = 1e-12 if floor is None else floor
        return float(abs(a - b)) <= max(relative * float(abs(b)), absolute)

    class approx:
        __hash__ = None

        def __init__(self, expected, rel=None, abs=None, nan_ok=False):
            self.expected, self.how = expected, (rel, abs, nan_ok)

        def __eq__(self, other):
            return near(other, self.expected, *self.how)

        def __ne__(self, other):
            return not self == other

        def __repr__(self):
            return 'approx(%r)' % (self.expected,)

    def parametrize(names, rows, **_):
        names = [n.strip() for n in names.split(',')] if isinstance(names, str) else list(names)

        def mark(f):
            cases = [dict(zip(names, row if len(names) > 1 else [row])) for row in rows]
            f.cases = [dict(a, **b) for a, b in itertools.product(getattr(f, 'cases', [{}]), cases)]
            return f
        return mark

    class Marks:
        def __getattr__(self, name):
            def mark(*args, **_):
                return args[0] if len(args) == 1 and callable(args[0]) else lambda f: f
            return mark

    def fail(reason='', pytrace=True):
        raise AssertionError(reason)

    module, marks = types.ModuleType('pytest'), Marks()
    marks.parametrize = parametrize
    module.__dict__.update(raises=raises, approx=approx, fail=fail, mark=marks)
    return module


sys.modules['pytest'] = make_pytest()
