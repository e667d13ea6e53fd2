# The C part of the warm parent, which forks one child per candidate (zygote.c).

from importlib.machinery import ExtensionFileLoader, ModuleSpec

loader = ExtensionFileLoader("trialbox_zygote", argument_helper)
native = loader.create_module(ModuleSpec("trialbox_zygote", loader, origin=argument_helper))
loader.exec_module(native)
