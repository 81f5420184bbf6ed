; CPL 3, in 64-bit and compatibility mode: the order of MOV DR's checks, and what needs no level.
%define BOOT_BITS 64
%include "machine.inc"

GD equ 0x2000

; In CPL 3, flags %3, DR7 := %2.
%macro USER 2-3 2
  CASE %1
  SET_DR 7, 0x400 | (%2)
  mov rax, 0x100000000
  TO_USER %$base, %3
  BASE
%endmacro

bits 64
main:
; --- MOV DR
  USER 'read', 0
  mov rax, dr0
  END
  USER 'illegal', 0
  mov dr6, rax
  END
  USER 'gd-read', GD
  mov rax, dr0
  END
  USER 'gd-write', GD
  mov dr0, rax
  END
  USER 'gd-illegal', GD
  mov dr6, rax
  END
  USER 'gd-dr5', GD
  mov rax, dr5
  END
  USER 'gd-lock', GD
  db 0xF0, 0x0F, 0x21, 0xC0
  END
  USER 'gd-rex-r', GD
  db 0x44, 0x0F, 0x21, 0xC0
  END
  mov rax, cr4
  and eax, ~8
  mov cr4, rax
  USER 'gd-alias', GD
  mov rax, dr5
  END
; --- MSRs
  USER 'rdmsr', 0
  rdmsr
  END
  USER 'wrmsr', 0
  wrmsr
  END
  USER 'rdmsr-gd', GD
  rdmsr
  END
  USER 'lock-rdmsr', 0
  db 0xF0, 0x0F, 0x32
  END
; --- INT1 needs no level; INT 1 does
  mov byte [idt + 1 * 16 + 5], 0x8E
  mov byte [idt + 3 * 16 + 5], 0x8E
  USER 'int1', 0
  int1
  int 0x40
  END
  USER 'int-1', 0
  db 0xCD, 1
  END
  USER 'int3-level', 0
  int3
  END
  mov byte [idt + 3 * 16 + 5], 0xEE
  USER 'int3', 0
  int3
  int 0x40
  END
  USER 'int-n', 0
  int 0x21
  int 0x40
  END
; --- breakpoints
  SET_DR 0, DATA
  USER 'watch', ENABLE(0) | KIND(0, RW_WRITE | LENGTH_4)
  mov [abs DATA], eax
  int 0x40
  END
  CASE 'breakpoint', DB_SET_RF
  ARM 2, %$base, RW_EXECUTE | LENGTH_1
  TO_USER %$base, 2
  BASE
  nop
  int 0x40
  END
  CASE 'breakpoint-rf'   ; RF comes with IRET
  ARM 2, %$base, RW_EXECUTE | LENGTH_1
  TO_USER %$base, 0x10002
  BASE
  nop
  int 0x40
  END
; --- privileged, and by IOPL
  USER 'hlt', 0
  hlt
  END
  USER 'cli', 0
  cli
  END
  USER 'cli-iopl', 0, 0x3002
  cli
  sti
  int 0x40
  END
  USER 'mov-cr', 0
  mov rax, cr0
  END
  USER 'lidt', 0
  lidt [idtr]
  END
  or byte [tss + 104 + 0x80 / 8], 1 ; port 80h
  USER 'in', 0
  in al, 0x80
  END
  USER 'in-word', 0      ; 7Fh and 80h
  in ax, 0x7F
  END
  USER 'in-free', 0
  in al, 0x81
  int 0x40
  END
  USER 'in-iopl', 0, 0x3002
  in al, 0x80
  int 0x40
  END
; --- system calls
%macro SET_MSR 2
  mov ecx, %1
  mov eax, %2
  xor edx, edx
  wrmsr
%endmacro
  mov ecx, 0xC0000081    ; STAR
  xor eax, eax
  mov edx, USER32 << 16 | CODE64
  wrmsr
  SET_MSR 0x174, CODE64
  SET_MSR 0x175, STACK
  SET_MSR 0x176, .sysenter
  USER 'sysenter', 0
  sysenter
.sysenter:
  xor eax, eax
  mov ax, ss
  SHOW eax
  END
  SET_MSR 0x176, .sysenter_tf
  SET_MSR 0xC0000082, .syscall
  CASE 'sysenter-tf', DB_STEPS(1)
  TO_USER %$base, 0x102
  BASE
  sysenter
.sysenter_tf:
  nop
  END
  USER 'syscall', 0
  syscall
.syscall:
  xor eax, eax
  mov ax, ss
  SHOW eax
  mov edx, %$base
  sub ecx, edx
  SHOW ecx
  END
  CASE 'sysret-non-canonical'
  mov rcx, 0x800000000000
  mov r11d, 2
  BASE
  o64 sysret
  END
  CASE 'iretq-non-canonical'
  push USER_DATA
  push USER_STACK
  push 2
  push USER64
  mov rax, 0x800000000000
  push rax
  BASE
  iretq
  END
  mov ecx, 0xC0000080
  rdmsr
  and eax, ~1
  wrmsr
  USER 'syscall-off', 0
  syscall
  END
  CASE 'sysret-off'
  BASE
  o64 sysret
  END
  mov ecx, 0xC0000080
  rdmsr
  or eax, 1
  wrmsr
  USER 'sysret-user', 0
  o64 sysret
  END
  SET_MSR 0xC0000083, .from_32

; --- compatibility mode
%macro USER_32 2
  CASE %1
  SET_DR 7, 0x400 | (%2)
  mov rax, 0x1111111100000400
  push USER_DATA
  push USER_STACK
  push 2
  push USER32
  push %$base
  iretq
  bits 32
  BASE
%endmacro
  USER_32 'compat-gd', GD
  mov dr7, eax
  bits 64
  END
  USER_32 'compat-write', 0
  mov dr7, eax
  bits 64
  END
  USER_32 'compat-syscall', 0
  syscall
  bits 64
.from_32:
  mov edx, %$base
  sub ecx, edx
  SHOW ecx
  END
  USER_32 'compat-int1', 0
  int1
  int 0x40
  bits 64
  END
  EXIT
