"""The figures: every function draws what it is given, into ``ax`` or new axes, and returns the axes."""

import importlib
import pkgutil

for _module in pkgutil.iter_modules(__path__):  # provisional while modules are being added
    try:
        _loaded = importlib.import_module(f".{_module.name}", __name__)
    except (ImportError, SyntaxError, NameError):
        continue
    globals().update({name: getattr(_loaded, name) for name in getattr(_loaded, "__all__", ()) if hasattr(_loaded, name)})
