"""System calls that a student's kernel may not make: what goes round the other limits (memory without an owner,
sockets that no network namespace holds back), and what only serves to attack the system's own kernel."""

import ctypes
import errno
import platform
import struct
from typing import Any

_TABLE = """
    memfd_create 319 279  memfd_secret 447 447  shmget 29 194  msgget 68 186
    semget 64 190  ptrace 101 117  process_vm_readv 310 270  process_vm_writev 311 271
    pidfd_getfd 438 438  unshare 272 97  setns 308 268  mount 165 40
    umount2 166 39  pivot_root 155 41  chroot 161 51  open_tree 428 428
    move_mount 429 429  fsopen 430 430  fsmount 432 432  mount_setattr 442 442
    open_by_handle_at 304 265  fanotify_init 300 262  quotactl 179 60  keyctl 250 219
    add_key 248 217  request_key 249 218  bpf 321 280  userfaultfd 323 282
    perf_event_open 298 241  io_uring_setup 425 425  io_uring_enter 426 426  syslog 103 116
    kexec_load 246 104  kexec_file_load 320 294  init_module 175 105  finit_module 313 273
    reboot 169 142  swapon 167 224  acct 163 89
"""  # name, number on x86_64, number on aarch64
_DENIED = [(int(x86), int(arm)) for x86, arm in zip(_TABLE.split()[1::3], _TABLE.split()[2::3], strict=True)]
_SOCKET, _CLONE, _CLONE3 = (41, 198), (56, 220), (435, 435)
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_FAMILIES = (1, 2, 10, 16)  # Unix, IPv4, IPv6, netlink: those that a network namespace confines
_CLONE_NEWUSER = 0x10000000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # instructions of classic BPF
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2


def forbid_system_calls(libc: Any) -> bool:
    """Forbid them in this process and all it starts; False where the processor is one we have no numbers for.

    Forbidden calls fail with "operation not permitted". Raises OSError if the system refuses the filter.
    """
    if platform.machine() not in _ARCHITECTURES:
        return False
    program = b"".join(_program(*_ARCHITECTURES[platform.machine()]))
    buffer = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    filter_program = Program(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(filter_program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the system refused the filter of system calls")
    return True


def _program(column: int, architecture: int) -> list[bytes]:
    def step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("=HBBI", code, if_true, if_false, value)

    def refuse(code: int) -> bytes:
        return step(_RETURN, _ERRNO | code)

    steps = [step(_LOAD, _ARCHITECTURE), step(_EQUAL, architecture, 1, 0), refuse(errno.EPERM)]
    steps += [
        step(_LOAD, _NUMBER),
        step(_AT_LEAST, 0x40000000, 0, 1),
        refuse(errno.EPERM),
    ]  # x32 calls by other numbers
    for numbers in _DENIED:
        steps += [step(_EQUAL, numbers[column], 0, 1), refuse(errno.EPERM)]
    steps += [
        step(_EQUAL, _CLONE3[column], 0, 1),
        refuse(errno.ENOSYS),
    ]  # its flags are out of sight; libc then uses clone
    steps += [step(_EQUAL, _CLONE[column], 0, 3), step(_LOAD, _ARGUMENT), step(_ANY_BIT, _CLONE_NEWUSER, 0, 1)]
    steps += [refuse(errno.EPERM), step(_LOAD, _NUMBER)]
    families = len(_FAMILIES)
    steps += [step(_EQUAL, _SOCKET[column], 0, families + 2), step(_LOAD, _ARGUMENT)]
    steps += [step(_EQUAL, family, families - i, 0) for i, family in enumerate(_FAMILIES)]
    return [*steps, refuse(errno.EAFNOSUPPORT), step(_RETURN, _ALLOW)]
