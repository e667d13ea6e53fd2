//! The modules that a plain program may use, and what of them: nothing that shows a program its own source, names or frames,
//! nothing that is itself a module.
//! Not here: `dataclasses` (calls `repr` of defaults where a class has no docstring), `enum`, `inspect`, `threading`, `os`...
//! In: a module and a name in it. Out: whether a plain program may use it.

/// The modules that lcb_runner puts before every program.
const PRELUDE: &str = "bisect builtins collections copy datetime functools heapq io itertools json math operator random re statistics \
    string sys typing";

/// Whether a program may find the module without importing it.
pub(super) fn is_in_prelude(module: &str) -> bool {
    PRELUDE.split(' ').any(|given| given == module)
}

/// Whether a program may find the name without importing it, and may use it.
pub(super) fn is_given(name: &str) -> bool {
    PRELUDE.split(' ').any(|module| offers(module, name))
}

pub(super) fn is_known(module: &str) -> bool {
    names(module).is_some()
}

pub(super) fn offers(module: &str, name: &str) -> bool {
    names(module).is_some_and(|names| names.split(' ').any(|offered| offered == name))
}

fn names(module: &str) -> Option<&'static str> {
    Some(match module {
        "array" => "array",
        "abc" => "ABC abstractmethod",
        "bisect" => "bisect bisect_left bisect_right insort insort_left insort_right",
        "builtins" => "",
        "cmath" => "cos e exp inf isclose isfinite isinf isnan log log10 phase pi polar rect sin sqrt tan tau",
        "collections" => "ChainMap Counter OrderedDict UserDict UserList defaultdict deque namedtuple",
        "collections.abc" => {
            "Callable Collection Container Generator Hashable Iterable Iterator Mapping MutableMapping MutableSequence \
            MutableSet Sequence Set Sized"
        }
        "copy" => "copy deepcopy",
        "datetime" => "MAXYEAR MINYEAR date datetime time timedelta timezone",
        "decimal" => {
            "Context Decimal InvalidOperation ROUND_CEILING ROUND_DOWN ROUND_FLOOR ROUND_HALF_DOWN ROUND_HALF_EVEN \
            ROUND_HALF_UP ROUND_UP getcontext setcontext"
        }
        "fractions" => "Fraction",
        "functools" => "cache cached_property cmp_to_key lru_cache partial reduce total_ordering wraps",
        "hashlib" => "md5 sha1 sha224 sha256 sha384 sha512",
        "heapq" => "heapify heappop heappush heappushpop heapreplace merge nlargest nsmallest",
        "io" => "BytesIO StringIO",
        "itertools" => {
            "accumulate batched chain combinations combinations_with_replacement compress count cycle dropwhile \
            filterfalse groupby islice pairwise permutations product repeat starmap takewhile tee zip_longest"
        }
        "json" => "JSONDecodeError dumps loads",
        "math" => {
            "acos acosh asin asinh atan atan2 atanh cbrt ceil comb copysign cos cosh degrees dist e erf erfc exp exp2 \
            expm1 fabs factorial floor fma fmod frexp fsum gamma gcd hypot inf isclose isfinite isinf isnan isqrt lcm \
            ldexp lgamma log log10 log1p log2 modf nan nextafter perm pi pow prod radians remainder sin sinh sqrt \
            sumprod tan tanh tau trunc ulp"
        }
        "numbers" => "Complex Integral Number Rational Real",
        // Not attrgetter and methodcaller, which make attributes of strings.
        "operator" => {
            "abs add and_ concat contains countOf eq floordiv ge getitem gt iadd iand imul index indexOf inv invert ior \
            isub itemgetter ixor le lshift lt mod mul ne neg not_ or_ pos pow rshift sub truediv truth xor"
        }
        "queue" => "Empty Full LifoQueue PriorityQueue Queue SimpleQueue",
        "random" => {
            "Random choice choices gauss getrandbits normalvariate randint random randrange sample seed shuffle uniform"
        }
        "re" => {
            "A ASCII DOTALL I IGNORECASE M MULTILINE S VERBOSE X compile escape findall finditer fullmatch match search \
            split sub subn"
        }
        "statistics" => {
            "StatisticsError fmean geometric_mean harmonic_mean mean median median_high median_low mode multimode \
            pstdev pvariance quantiles stdev variance"
        }
        // Not Formatter, which makes attributes of strings.
        "string" => {
            "ascii_letters ascii_lowercase ascii_uppercase capwords digits hexdigits octdigits printable punctuation \
            whitespace"
        }
        // Not stderr, whose `write` a program could replace to read tracebacks.
        "sys" => {
            "byteorder exit float_info getrecursionlimit maxsize maxunicode set_int_max_str_digits setrecursionlimit \
            stdin stdout version_info"
        }
        "textwrap" => "dedent fill indent shorten wrap",
        "time" => "monotonic perf_counter perf_counter_ns process_time sleep time time_ns",
        "typing" => {
            "Any AnyStr Callable ClassVar Collection Container Counter DefaultDict Deque Dict Final FrozenSet Generator \
            Generic Hashable Iterable Iterator List Literal Mapping MutableMapping MutableSequence NewType NoReturn \
            Optional OrderedDict Sequence Set Sized SupportsFloat SupportsInt Text Tuple Type TypeVar Union cast"
        }
        "unicodedata" => "category combining name normalize numeric",
        _ => return None,
    })
}
