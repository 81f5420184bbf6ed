"""The C interface from Python: general detect on an Intel and on an AMD core.

    general_detect.py LIBRARY        the path of libicebp_c.so, or its name where the loader finds it
"""
import ctypes
import sys
from ctypes import c_char_p, c_int64, c_size_t, c_uint8, c_uint16, c_uint32, c_uint64, c_void_p


class Context(ctypes.Structure):
    _fields_ = [("mode", c_uint32), ("cpl", c_uint8), ("cr0_pg", c_uint8), ("cr4_de", c_uint8),
                ("tf", c_uint8), ("rf", c_uint8), ("redirect_db", c_uint8), ("in_rtm", c_uint8),
                ("reserved", c_uint8 * 5), ("xbegin", c_uint64), ("fallback", c_uint64),
                ("guest", c_void_p)]


class Request(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("operation", c_uint32), ("context", Context),
                ("rip", c_uint64), ("value", c_uint64), ("from_", c_uint64), ("now", c_uint64),
                ("encoding_faults", c_uint64), ("msr", c_uint32), ("access_size", c_uint32),
                ("verb", c_uint32), ("ending", c_uint32), ("branch", c_uint32),
                ("error_code", c_uint16), ("events", c_uint16), ("dr", c_uint8), ("gpr", c_uint8),
                ("length", c_uint8), ("user_msr_bitmap", c_uint8), ("mispredicted", c_uint8),
                ("fast_string", c_uint8), ("t_bit", c_uint8), ("reserved", c_uint8 * 1)]


class Outcome(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("kind", c_uint32), ("cause", c_uint32), ("vector", c_uint32),
                ("error_code", c_uint32), ("cost", c_uint32), ("cycles", c_uint32),
                ("has_error_code", c_uint8), ("redirected", c_uint8), ("serializing", c_uint8),
                ("rf", c_uint8), ("value", c_uint64), ("payload", c_uint64), ("rip", c_uint64),
                ("exit_info1", c_uint64), ("exit_info2", c_uint64), ("exit_reason", c_uint32),
                ("exit_interrupt", c_uint32), ("exit_error", c_uint32), ("reserved", c_uint32)]


icebp = ctypes.CDLL(sys.argv[1] if len(sys.argv) > 1 else "libicebp_c.so.0.1")
icebp.icebp_name.restype = c_char_p
icebp.icebp_number.restype = c_int64
icebp.icebp_problem.restype = c_char_p
icebp.icebp_problem.argtypes = [c_void_p]
icebp.icebp_core_delete.argtypes = icebp.icebp_cpu_delete.argtypes = [c_void_p]
icebp.icebp_request_init.argtypes = [c_void_p, c_size_t, c_uint32]

OPERATION, KIND, CAUSE, VECTOR = 2, 3, 4, 5  # icebp_names


def name(names, number):
    return icebp.icebp_name(names, number).decode()


class Core:
    """A core of a profile, as after power-up."""

    def __init__(self, profile):
        cpu, self.handle = c_void_p(), c_void_p()
        message = ctypes.create_string_buffer(1000)
        if icebp.icebp_cpu_new(profile.encode(), ctypes.byref(cpu), message, c_size_t(1000)) != 0:
            raise ValueError(message.value.decode())
        icebp.icebp_core_new(cpu, 0, 1, ctypes.byref(self.handle))
        icebp.icebp_cpu_delete(cpu)  # the core lives on

    def __del__(self):
        icebp.icebp_core_delete(self.handle)

    def put(self, operation, cpl=0, **members):
        request, outcome = Request(), Outcome(size=ctypes.sizeof(Outcome))
        icebp.icebp_request_init(ctypes.byref(request), ctypes.sizeof(request),
                                 icebp.icebp_number(OPERATION, operation.encode()))
        request.context.cpl = cpl
        for member, value in members.items():
            setattr(request, member, value)
        if icebp.icebp_execute(self.handle, ctypes.byref(request), ctypes.byref(outcome)) != 0:
            raise ValueError(icebp.icebp_problem(self.handle).decode())
        return outcome

    def peek_dr(self, dr):
        value = c_uint64()
        icebp.icebp_peek_dr(self.handle, dr, ctypes.byref(value))
        return value.value


for profile in ("intel-skylake", "amd-zen1"):
    core = Core(profile)
    core.put("mov_to_dr", dr=7, value=0x2400)
    outcome = core.put("mov_from_dr", cpl=3, dr=0)
    print(f"{profile}: {name(VECTOR, outcome.vector)} by {name(CAUSE, outcome.cause)}, "
          f"dr7 {core.peek_dr(7):x}")
