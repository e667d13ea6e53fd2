//! Names: what Python binds before a program binds anything, and which of it a plain program may use.
//! Not here: what is in modules (`modules`).
//! In: a name. Out: what it may be.

use std::{collections::HashSet, sync::LazyLock};

type Words = LazyLock<HashSet<&'static str>>;

fn words(text: &'static str) -> HashSet<&'static str> {
    text.split(' ').collect()
}

/// Builtins that show a program nothing of itself.
static BUILTINS: Words = LazyLock::new(|| {
    words(
        "ArithmeticError AssertionError AttributeError BaseException BlockingIOError BrokenPipeError BufferError \
        BytesWarning ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError \
        ConnectionResetError DeprecationWarning EOFError Ellipsis EncodingWarning EnvironmentError Exception \
        FileExistsError FileNotFoundError FloatingPointError FutureWarning GeneratorExit IOError ImportError \
        ImportWarning IndentationError IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt \
        LookupError MemoryError ModuleNotFoundError NameError NotADirectoryError NotImplemented NotImplementedError \
        OSError OverflowError PendingDeprecationWarning PermissionError ProcessLookupError PythonFinalizationError \
        RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning StopAsyncIteration StopIteration \
        SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError TypeError UnboundLocalError \
        UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError UnicodeWarning UserWarning ValueError \
        Warning ZeroDivisionError _IncompleteInputError abs all any ascii bin bool bytearray bytes callable chr \
        classmethod complex dict divmod enumerate exit filter float format frozenset hex input int isinstance \
        issubclass iter len list map max min next object oct ord pow print property quit range repr reversed round set \
        slice sorted staticmethod str sum super tuple zip",
    )
});

/// Whether a name is a builtin that any program may use, for as many things as it likes.
pub(super) fn is_plain_builtin(name: &str) -> bool {
    BUILTINS.contains(name)
}

/// All other builtins of Python 3.9 to 3.13, and what lcb_runner's star imports bind (`modules::is_in_prelude`) that is not
/// known to be harmless: the value of such a name may be something else than what the program binds to it.
static DANGEROUS: Words = LazyLock::new(|| {
    words(
        "AbstractSet Annotated AsyncContextManager AsyncGenerator AsyncIterable AsyncIterator Awaitable \
        BaseExceptionGroup BinaryIO BufferedIOBase BufferedRWPair BufferedRandom BufferedReader BufferedWriter \
        ByteString Concatenate ContextManager Coroutine DEFAULT_BUFFER_SIZE ExceptionGroup FileIO Formatter ForwardRef \
        IO IOBase IncrementalNewlineDecoder ItemsView JSONDecoder JSONEncoder KeysView LOCALE LiteralString \
        MappingView Match MutableSet NOFLAG NamedTuple Never NoDefault NormalDist NotRequired ParamSpec ParamSpecArgs \
        ParamSpecKwargs Pattern PatternError Protocol RawIOBase ReadOnly RegexFlag Required Reversible SEEK_CUR \
        SEEK_END SEEK_SET Self SupportsAbs SupportsBytes SupportsComplex SupportsIndex SupportsRound SystemRandom \
        TYPE_CHECKING Template TextIO TextIOBase TextIOWrapper TypeAlias TypeAliasType TypeGuard TypeIs TypeVarTuple \
        TypedDict UNICODE Unpack UnsupportedOperation UserString ValuesView WRAPPER_ASSIGNMENTS WRAPPER_UPDATES \
        abiflags activate_stack_trampoline addaudithook aiter anext api_version assert_never assert_type attrgetter \
        audit base_exec_prefix base_prefix betavariate binomialvariate breakpoint breakpointhook builtin_module_names \
        builtins call_tracing clear_overloads collections compile copyright correlation covariance credits \
        dataclass_transform deactivate_stack_trampoline delattr delitem dir displayhook dont_write_bytecode eval \
        exc_info excepthook exception exec exec_prefix executable expovariate float_repr_style functools gammavariate \
        get_args get_asyncgen_hooks get_coroutine_origin_tracking_depth get_int_max_str_digits get_origin \
        get_overloads get_protocol_members get_type_hints getallocatedblocks getattr getdefaultencoding getdlopenflags \
        getfilesystemencodeerrors getfilesystemencoding getprofile getrefcount getsizeof getstate getswitchinterval \
        gettrace getunicodeinternedsize globals hasattr hash hash_info heapq help hexversion iconcat id ifloordiv \
        ilshift imatmul imod implementation int_info intern io ipow irshift is_finalizing is_protocol \
        is_stack_trampoline_active is_typeddict itertools itruediv json kde kde_random length_hint license \
        linear_regression locals lognormvariate math matmul median_grouped memoryview meta_path methodcaller modules \
        monitoring no_type_check no_type_check_decorator open open_code operator orig_argv overload override \
        paretovariate partialmethod path_hooks path_importer_cache platlibdir purge pycache_prefix randbytes re \
        replace reveal_type runtime_checkable set_asyncgen_hooks set_coroutine_origin_tracking_depth setattr \
        setdlopenflags setitem setprofile setstate setswitchinterval settrace singledispatch singledispatchmethod \
        statistics stderr stdlib_module_names string sys template text_encoding thread_info triangular type typing \
        tzinfo unraisablehook update_wrapper vars vonmisesvariate warnoptions weibullvariate",
    )
});

pub(super) fn is_dangerous(name: &str) -> bool {
    DANGEROUS.contains(name)
}

/// Builtin classes, whose comparison runs no code of the program.
pub(super) fn is_builtin_class(name: &str) -> bool {
    matches!(
        name,
        "bool"
            | "bytearray"
            | "bytes"
            | "complex"
            | "dict"
            | "float"
            | "frozenset"
            | "int"
            | "list"
            | "object"
            | "range"
            | "set"
            | "str"
            | "tuple"
    )
}

/// Methods that Python calls with nothing but values, so that a program may define them. Not those of attributes, `with`,
/// classes in the making, or the end of an object, whose order may follow that of names.
static METHODS: Words = LazyLock::new(|| {
    words(
        "__abs__ __add__ __and__ __bool__ __call__ __ceil__ __complex__ __contains__ __copy__ __deepcopy__ __delitem__ \
        __divmod__ __eq__ __float__ __floor__ __floordiv__ __ge__ __getitem__ __gt__ __hash__ __iadd__ __iand__ \
        __ifloordiv__ __ilshift__ __imatmul__ __imod__ __imul__ __index__ __init__ __int__ __invert__ __ior__ __ipow__ \
        __irshift__ __isub__ __iter__ __itruediv__ __ixor__ __le__ __len__ __lshift__ __lt__ __matmul__ __missing__ \
        __mod__ __mul__ __ne__ __neg__ __next__ __or__ __pos__ __pow__ __radd__ __rand__ __rdivmod__ __repr__ \
        __reversed__ __rfloordiv__ __rlshift__ __rmatmul__ __rmod__ __rmul__ __ror__ __round__ __rpow__ __rrshift__ \
        __rshift__ __rsub__ __rtruediv__ __rxor__ __setitem__ __str__ __sub__ __truediv__ __trunc__ __xor__",
    )
});

pub(super) fn is_plain_method(name: &str) -> bool {
    METHODS.contains(name)
}

/// Attributes that show a program or a class in the making, that take what they look up from a string, or that lead from
/// stdin to files.
pub(super) fn is_telling_attribute(name: &str) -> bool {
    let prefixes = ["f_", "tb_", "co_", "gi_", "cr_", "ag_", "func_", "im_"];
    prefixes.iter().any(|prefix| name.starts_with(prefix))
        || matches!(name, "format" | "format_map" | "vformat" | "mro" | "raw" | "detach" | "reconfigure")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_both_plain_and_dangerous() {
        assert_eq!(BUILTINS.intersection(&DANGEROUS).next(), None);
    }
}
