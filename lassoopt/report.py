def text(c):
    return repr(c)


def html(c):
    return ""


def as_dict(c):
    return {}


def explain(c, f):
    return ""
