#ifndef ICEBP_H
#define ICEBP_H
/* The rules of an x86 core's debug unit and MSR block, for C and whatever calls C:
 * docs/c-interface.md.
 *
 * A CPU is made of a profile, a core of a CPU, and operations are put to the core. Nothing here
 * throws, prints, exits or keeps data of its own: two threads may use two cores at once, one core
 * is one thread's. A call that cannot be carried out changes nothing and says why by its status;
 * the text is that of icebp_problem. A null pointer is ICEBP_NULL wherever a function does not say
 * otherwise.
 *
 * ABI: handles are opaque. A structure begins with its size; a later version of the library takes
 * the structures of this one. Numbers of enumerations never change, new ones are added at the end.
 */
#include <stddef.h>
#include <stdint.h>

#ifdef __GNUC__
#define ICEBP_API __attribute__((visibility("default")))
#else
#define ICEBP_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Words: each enumeration has names, the same in waves, vectors and messages. --------------
 */

typedef enum icebp_names {
  ICEBP_NAMES_STATUS = 0,
  ICEBP_NAMES_PROFILE = 1, /* by place: 0, 1, ... */
  ICEBP_NAMES_OPERATION = 2,
  ICEBP_NAMES_KIND = 3,
  ICEBP_NAMES_CAUSE = 4,
  ICEBP_NAMES_VECTOR = 5,
  ICEBP_NAMES_MODE = 6,
  ICEBP_NAMES_ENDING = 7,
  ICEBP_NAMES_BRANCH = 8,
  ICEBP_NAMES_VERB = 9,
  ICEBP_NAMES_EVENT = 10,
  ICEBP_NAMES_COST = 11
} icebp_names;

typedef enum icebp_status {
  ICEBP_OK = 0,
  ICEBP_NULL = 1,            /* a pointer is null that may not be */
  ICEBP_SIZE = 2,            /* `size` of a structure is not that of this library's header */
  ICEBP_UNKNOWN_PROFILE = 3, /* the message has the names */
  ICEBP_MALFORMED = 4,       /* no core can take the request */
  ICEBP_NO_REGISTER = 5,     /* the CPU has no such debug register or MSR */
  ICEBP_TOO_SMALL = 6,       /* the text does not fit; its length is told */
  ICEBP_BAD_STATE = 7,       /* the text is no state of this CPU */
  ICEBP_NO_CORE = 8,         /* no loosely timed core of that name, or it is a timed one by now */
  ICEBP_FAILED = 9           /* memory ran out, or what lies below the handle failed */
} icebp_status;

typedef enum icebp_operation {
  ICEBP_OP_NONE = 0,
  ICEBP_OP_MOV_FROM_DR = 1,
  ICEBP_OP_MOV_TO_DR = 2,
  ICEBP_OP_RDMSR = 3,
  ICEBP_OP_WRMSR = 4,
  ICEBP_OP_INT1 = 5,
  ICEBP_OP_PAGE_FAULT = 6, /* the core's own access faulted */
  ICEBP_OP_RESUME = 7,     /* debug firmware hands the core back */
  ICEBP_OP_RESET = 8,
  ICEBP_OP_INIT = 9,
  ICEBP_OP_RDMSR_IMM = 10,
  ICEBP_OP_WRMSRNS = 11,
  ICEBP_OP_WRMSRNS_IMM = 12,
  ICEBP_OP_RDMSRLIST = 13, /* up to the first entry */
  ICEBP_OP_WRMSRLIST = 14,
  ICEBP_OP_RDMSRLIST_ENTRY = 15,
  ICEBP_OP_WRMSRLIST_ENTRY = 16,
  ICEBP_OP_URDMSR = 17,
  ICEBP_OP_UWRMSR = 18,
  /* The life of any instruction, in this order: fetch, what it does, its end. */
  ICEBP_OP_FETCH = 19,
  ICEBP_OP_DATA_READ = 20,
  ICEBP_OP_DATA_WRITE = 21,
  ICEBP_OP_IO_ACCESS = 22,
  ICEBP_OP_END_OF_ITERATION = 23,
  ICEBP_OP_END_OF_INSTRUCTION = 24,
  ICEBP_OP_FAULT = 25, /* of the core's own, in place of the end */
  ICEBP_OP_TASK_SWITCH = 26,
  ICEBP_OP_BUS_LOCK = 27,
  ICEBP_OP_RTM_ABORT = 28,
  ICEBP_OP_BRANCH = 29,
  ICEBP_OP_PMI = 30
} icebp_operation;

typedef enum icebp_kind {
  ICEBP_KIND_RETIRED = 0,
  ICEBP_KIND_FAULT = 1,
  ICEBP_KIND_TRAP = 2,
  ICEBP_KIND_EXIT = 3,     /* to the hypervisor */
  ICEBP_KIND_CANCELLED = 4 /* by a RESET */
} icebp_kind;

/* The one check that decided. */
typedef enum icebp_cause {
  ICEBP_CAUSE_NONE = 0,
  ICEBP_CAUSE_INSTRUCTION_TOO_LONG = 1,
  ICEBP_CAUSE_LOCK_PREFIX = 2,
  ICEBP_CAUSE_REX_R = 3,
  ICEBP_CAUSE_NOT_IN_MODE = 4,
  ICEBP_CAUSE_FEATURE_ABSENT = 5,
  ICEBP_CAUSE_INTERCEPT = 6,
  ICEBP_CAUSE_DR45_WITH_DE = 7,
  ICEBP_CAUSE_CPL = 8,
  ICEBP_CAUSE_GENERAL_DETECT = 9,
  ICEBP_CAUSE_RESERVED_UPPER_HALF = 10,
  ICEBP_CAUSE_MSR_UNKNOWN = 11,
  ICEBP_CAUSE_MSR_READ_ONLY = 12,
  ICEBP_CAUSE_MSR_WRITE_ONLY = 13,
  ICEBP_CAUSE_MSR_LOCKED = 14,
  ICEBP_CAUSE_MSR_RESERVED_BITS = 15,
  ICEBP_CAUSE_MSR_NON_CANONICAL = 16,
  ICEBP_CAUSE_MSR_VALUE = 17,
  ICEBP_CAUSE_LIST_ALIGNMENT = 18,
  ICEBP_CAUSE_LIST_ENTRY = 19,
  ICEBP_CAUSE_USER_MSR_BITMAP = 20,
  ICEBP_CAUSE_PAGE_FAULT = 21,
  ICEBP_CAUSE_INSTRUCTION_BREAKPOINT = 22,
  ICEBP_CAUSE_INT1 = 23,
  ICEBP_CAUSE_HELD_TRAP = 24,
  ICEBP_CAUSE_DATA_BREAKPOINT = 25,
  ICEBP_CAUSE_IO_BREAKPOINT = 26,
  ICEBP_CAUSE_SINGLE_STEP = 27,
  ICEBP_CAUSE_BRANCH_STEP = 28,
  ICEBP_CAUSE_TASK_SWITCH = 29,
  ICEBP_CAUSE_BUS_LOCK = 30,
  ICEBP_CAUSE_RTM_ABORT = 31
} icebp_cause;

typedef enum icebp_vector {
  ICEBP_VECTOR_DB = 1,
  ICEBP_VECTOR_UD = 6,
  ICEBP_VECTOR_GP = 13,
  ICEBP_VECTOR_PF = 14,
  ICEBP_VECTOR_NONE = 255
} icebp_vector;

typedef enum icebp_mode {
  ICEBP_MODE_REAL = 0,
  ICEBP_MODE_V86 = 1,
  ICEBP_MODE_PROTECTED = 2,
  ICEBP_MODE_COMPATIBILITY = 3,
  ICEBP_MODE_LONG = 4 /* 64-bit */
} icebp_mode;

/* How an instruction ended, as far as traps at its end depend on it. */
typedef enum icebp_ending {
  ICEBP_ENDING_PLAIN = 0,
  ICEBP_ENDING_TAKEN_BRANCH = 1,
  ICEBP_ENDING_STI = 2, /* with RFLAGS.IF 0 before */
  ICEBP_ENDING_MOV_SS = 3,
  ICEBP_ENDING_INTERRUPT_ENTRY = 4, /* INT n, INT3, INTO */
  ICEBP_ENDING_SYSCALL = 5          /* SYSCALL, SYSRET, SYSENTER, SYSEXIT */
} icebp_ending;

typedef enum icebp_branch {
  ICEBP_BRANCH_JCC = 0,
  ICEBP_BRANCH_NEAR_REL_CALL = 1,
  ICEBP_BRANCH_NEAR_IND_CALL = 2,
  ICEBP_BRANCH_NEAR_RET = 3,
  ICEBP_BRANCH_NEAR_IND_JMP = 4,
  ICEBP_BRANCH_NEAR_REL_JMP = 5,
  ICEBP_BRANCH_FAR_BRANCH = 6,
  ICEBP_BRANCH_EXCEPTION = 7, /* the entry of a handler */
  ICEBP_BRANCH_RTM_ABORT = 8
} icebp_branch;

/* How debug firmware ends a redirected #DB. */
typedef enum icebp_verb {
  ICEBP_VERB_REEXECUTE = 0,
  ICEBP_VERB_SKIP = 1,
  ICEBP_VERB_COMPLETE = 2,
  ICEBP_VERB_INJECT_GP = 3
} icebp_verb;

typedef enum icebp_hypervisor {
  ICEBP_HYPERVISOR_VMX = 0,
  ICEBP_HYPERVISOR_SVM = 1
} icebp_hypervisor;

/* The version of the library, as in "0.1.0". */
ICEBP_API const char* icebp_version(void);
/* The name that `number` has in one of the lists; null if none has it. It stays as long as the
 * library. */
ICEBP_API const char* icebp_name(uint32_t list, uint32_t number);
/* The number that `name` has in one of the lists; -1 if it is not there, or null. */
ICEBP_API int64_t icebp_number(uint32_t list, const char* name);

/* ---- A CPU and its cores ----------------------------------------------------------------------
 */

typedef struct icebp_cpu icebp_cpu;
typedef struct icebp_core icebp_core;

/* Makes the CPU of a profile, for any number of cores. What is wrong with the name is written into
 * `message`, which may be null, up to `message_size` bytes with the 0 at its end. */
ICEBP_API icebp_status icebp_cpu_new(const char* profile, icebp_cpu** cpu, char* message,
                                     size_t message_size);
/* Its cores live on. Null is no error, here and below. */
ICEBP_API void icebp_cpu_delete(icebp_cpu* cpu);

/* Makes a core as it is after power-up. `apic_id` is the x2APIC ID, `bsp` 1 for the bootstrap
 * processor. */
ICEBP_API icebp_status icebp_core_new(const icebp_cpu* cpu, uint32_t apic_id, int bsp,
                                      icebp_core** core);
ICEBP_API void icebp_core_delete(icebp_core* core);

/* What the last call that failed on this core found wrong; "" if none did, or `core` is null. It
 * stays until the next call that fails. */
ICEBP_API const char* icebp_problem(const icebp_core* core);

/* ---- Operations -------------------------------------------------------------------------------
 */

/* What a hypervisor has set up for the guest that the core runs. */
typedef struct icebp_guest {
  uint32_t size;       /* sizeof(icebp_guest) */
  uint32_t hypervisor; /* icebp_hypervisor */
  uint32_t exceptions; /* intercepted ones, one bit a vector */
  uint16_t dr_read;    /* SVM: intercepted reads, one bit a DR number; of dr_write writes */
  uint16_t dr_write;
  uint8_t mov_dr_exiting; /* VMX */
  uint8_t icebp;          /* SVM: INT1 */
  uint8_t reserved[6];
  /* In the format of the hardware. VMX: 1000h bytes, null if every RDMSR and WRMSR exits. SVM:
   * 1800h bytes, null if none does. */
  const uint8_t* msr_bitmap;
} icebp_guest;

/* What the core tells of itself with each request. Its default is 64-bit mode at CPL 0, CR0.PG 1
 * and all else 0. */
typedef struct icebp_context {
  uint32_t mode; /* icebp_mode */
  uint8_t cpl;   /* 0 to 3; 0 in real mode, 3 in V86 mode */
  uint8_t cr0_pg;
  uint8_t cr4_de;
  uint8_t tf; /* RFLAGS.TF, and .RF */
  uint8_t rf;
  uint8_t redirect_db; /* #DB goes to debug firmware, not through the IDT */
  uint8_t in_rtm;      /* in an RTM region: the two addresses below count */
  uint8_t reserved[5];
  uint64_t xbegin;          /* of the outermost XBEGIN */
  uint64_t fallback;        /* where an abort goes on */
  const icebp_guest* guest; /* null: no guest */
} icebp_context;

/* One operation. icebp_request_init gives every member the value at which it has no effect. */
typedef struct icebp_request {
  uint32_t size;      /* sizeof(icebp_request) */
  uint32_t operation; /* icebp_operation */
  icebp_context context;
  uint64_t rip; /* of the instruction; of all outcomes only `rip` depends on it */
  /* Source register, EDX:EAX or the firmware's value; or an address: of a #PF, of an access the
   * linear one or its port, of fetch and the two ends that of the instruction that would run next,
   * of a branch its target. Of a list RSI | RDI. */
  uint64_t value;
  uint64_t from; /* of a branch: its address */
  uint64_t now;  /* TSC ticks since power-up; of accesses to the TSC, branches and RESET */
  /* What the decoder found wrong, one bit an icebp_cause: instruction_too_long, lock_prefix, rex_r;
   * list_entry, user_msr_bitmap: bits 63:32 of the index register are not zero. */
  uint64_t encoding_faults;
  uint32_t msr;         /* the index */
  uint32_t access_size; /* of an access, bytes; 1 by default */
  uint32_t verb;        /* icebp_verb, of a resume */
  uint32_t ending;      /* icebp_ending, of end_of_instruction */
  uint32_t branch;      /* icebp_branch */
  uint16_t error_code;  /* of a #PF */
  uint16_t events;      /* what else waits at the boundary, one bit a name of ICEBP_NAMES_EVENT */
  uint8_t dr;           /* ModRM.reg, 0 to 7 */
  uint8_t gpr;          /* ModRM.r/m, 0 to 15 */
  uint8_t length;       /* of the instruction, bytes */
  uint8_t user_msr_bitmap; /* of urdmsr and uwrmsr: the byte that decides */
  uint8_t mispredicted;    /* of a branch */
  uint8_t fast_string;     /* of end_of_iteration: REP MOVS or STOS, forward, run in blocks */
  uint8_t t_bit;           /* of task_switch: T of the new task's TSS */
  uint8_t reserved[1];
} icebp_request;

/* What became of it. Members that do not apply are 0. */
typedef struct icebp_outcome {
  uint32_t size;          /* sizeof(icebp_outcome), set by the caller */
  uint32_t kind;          /* icebp_kind */
  uint32_t cause;         /* icebp_cause */
  uint32_t vector;        /* icebp_vector */
  uint32_t error_code;    /* of #GP and #PF */
  uint32_t cost;          /* of an MSR access: its class, a number of ICEBP_NAMES_COST */
  uint32_t cycles;        /* of the core, delivery included */
  uint8_t has_error_code; /* 1: one is pushed */
  uint8_t redirected;     /* the #DB goes to debug firmware */
  uint8_t serializing;    /* retired, and nothing behind it starts before it is over */
  uint8_t rf;             /* RFLAGS.RF of the image that is pushed or saved */
  uint64_t value; /* of a read that retired; of an access the B bits that it meets; of an RTM
                     region's abort (retired, cause rtm_abort) the status that EAX gets */
  uint64_t
      payload;  /* of #DB: the conditions, each by a 1 in its place of DR6; of #PF the address */
  uint64_t rip; /* where the core goes on, or what is pushed or saved */
  uint64_t exit_info1;     /* VMX: exit qualification; SVM: EXITINFO1 */
  uint64_t exit_info2;     /* SVM: EXITINFO2 */
  uint32_t exit_reason;    /* VMX: exit reason; SVM: EXITCODE */
  uint32_t exit_interrupt; /* VMX: interruption information */
  uint32_t exit_error;     /* VMX: interruption error code */
  uint32_t reserved;
} icebp_outcome;

/* Fills a request with `operation` and the defaults. `size` is sizeof(icebp_request). */
ICEBP_API icebp_status icebp_request_init(icebp_request* request, size_t size, uint32_t operation);

/* Carries the request out, delivery of its exception included. An architectural fault is ICEBP_OK
 * and told by the outcome. */
ICEBP_API icebp_status icebp_execute(icebp_core* core, const icebp_request* request,
                                     icebp_outcome* outcome);

/* What a debug probe does to a debug register 0 to 7, at once: no check, no #DB. DR6 and DR7 keep
 * their fixed bits, DR4 and DR5 are their other names. */
ICEBP_API icebp_status icebp_peek_dr(icebp_core* core, unsigned dr, uint64_t* value);
ICEBP_API icebp_status icebp_poke_dr(icebp_core* core, unsigned dr, uint64_t value);
/* What the core itself does to an MSR, as WRFSBASE, a machine check or EFER.LMA do: no check, no
 * effect besides. `now`: TSC ticks since power-up. */
ICEBP_API icebp_status icebp_peek_msr(icebp_core* core, uint32_t msr, uint64_t now,
                                      uint64_t* value);
ICEBP_API icebp_status icebp_poke_msr(icebp_core* core, uint32_t msr, uint64_t value, uint64_t now);

/* ---- What a simulator may leave out -----------------------------------------------------------
 */

/* 0 if such an access (data_read, data_write, fetch) meets no breakpoint, so that it need not be
 * executed; else 1, the truth is that of icebp_execute. 0 also if `core` is null. */
ICEBP_API int icebp_may_meet(const icebp_core* core, uint32_t operation, uint64_t address,
                             uint32_t size);

enum {
  ICEBP_WATCHES_DATA = 1,    /* a data breakpoint is enabled */
  ICEBP_WATCHES_FETCHES = 2, /* an instruction breakpoint is enabled */
  ICEBP_WAITS_AT_BOUNDARY =
      4, /* a trap or a shadow: fetch and ends must be executed; else, while TF is 0
            and the fetch meets nothing, only the ends of STI and MOV SS need be */
  ICEBP_RECORDS_BRANCHES = 8 /* taken branches must be executed */
};
/* A set of these, as they are now: it changes with what is executed, poked or loaded. */
ICEBP_API uint32_t icebp_armed(const icebp_core* core);

/* ---- Checkpoints ------------------------------------------------------------------------------
 */

/* Writes the state as JSON text with a 0 at its end (docs/state.md); `length`, which may be null,
 * gets its length without that, `text` may be null if `size` is 0. `now`: TSC ticks since power-up.
 */
ICEBP_API icebp_status icebp_save(icebp_core* core, uint64_t now, char* text, size_t size,
                                  size_t* length);
/* Reads such a text; the TSC goes on from the saved value. */
ICEBP_API icebp_status icebp_load(icebp_core* core, uint64_t now, const char* text);

#ifdef __cplusplus
}
#endif

#endif
