; Single step and branch step, in 64-bit mode. POPF is at +0 and one byte long, but for iret: there IRETQ is at +0, and
; two.
%define BOOT_BITS 64
%include "machine.inc"

LSTAR equ 0xC0000082
FMASK equ 0xC0000084
DEBUGCTL equ 0x1D9
BTF equ 2

%macro SET_MSR 2
  mov ecx, %1
  mov eax, %2
  xor edx, edx
  wrmsr
%endmacro

; A frame for IRETQ: RFLAGS %1, RIP %2.
%macro PUSH_FRAME 2
  mov eax, esp
  push DATA32
  push rax
  push %1
  push CODE64
  push %2
%endmacro

bits 64
main:
  SET_MSR FMASK, 0
  mov ecx, 0xC0000081    ; STAR
  xor eax, eax
  mov edx, USER32 << 16 | CODE64
  wrmsr

  STEP 'nop', 2
  nop
  nop
  nop
  END
  CASE 'popf-clears'
  push 2
  push 0x102
  BASE
  popfq
  popfq
  nop
  END
  CASE 'iret', DB_STEPS(1)
  PUSH_FRAME 0x102, .set
  BASE
  iretq
.set:
  nop
  nop
  END
  CASE 'iret-clears'
  PUSH_FRAME 2, .cleared
  push 0x102
  BASE
  popfq
  iretq
.cleared:
  nop
  END
  STEP 'jmp', 1
  jmp .jumped
  nop
.jumped:
  nop
  END
  STEP 'cpuid', 2
  cpuid
  nop
  END
  STEP 'in', 2
  in al, 0x80
  nop
  END
  mov ecx, 3
  mov edi, DATA
  STEP 'rep', 4
  rep stosb
  nop
  END
  xor ecx, ecx
  STEP 'rep-0', 2
  rep stosb
  nop
  END
  STEP 'sti', 2
  sti
  cli
  END
  STEP 'mov-ss', 2
  mov ss, [case_ss]
  nop
  nop
  END
  STEP 'hlt', 1
  hlt
  END

; --- exceptions and interrupts
  STEP 'int-n', 2
  int 0x21
  nop
  END
  STEP 'int3', 2
  int3
  nop
  END
  STEP 'int1', 2
  int1
  nop
  END
  STEP 'ud2', 9
  ud2
  END
  mov ecx, LSTAR
  mov edx, 0x80000000
  STEP 'wrmsr-gp', 9
  wrmsr
  END
  mov ecx, LSTAR
  xor edx, edx
  xor eax, eax
  STEP 'wrmsr', 1
  wrmsr
  END
  SET_MSR LSTAR, .in_kernel
  STEP 'syscall', 1
  syscall
.in_kernel:
  nop
  END
  SET_MSR LSTAR, .masked
  SET_MSR FMASK, 0x100
  STEP 'syscall-masked', 1
  syscall
.masked:
  nop
  END
  SET_MSR FMASK, 0
  CASE 'sysret', DB_LEAVE
  mov ecx, .in_user
  mov r11d, 0x102
  BASE
  o64 sysret
.in_user:
  nop
  END
  CASE 'user', DB_STEPS(2)
  TO_USER %$base, 0x102
  BASE
  nop
  cpuid
  nop
  int 0x40
  END
  SET_MSR LSTAR, .from_user
  CASE 'user-syscall', DB_STEPS(1)
  TO_USER %$base, 0x102
  BASE
  syscall
.from_user:
  nop
  END

; --- with other causes of #DB
  mov ebx, DATA
  CASE 'watch', DB_STEPS(1)
  ARM 0, DATA, RW_WRITE | LENGTH_1
  push 0x102
  BASE
  popfq
  mov [rbx], al
  nop
  END
  CASE 'gd', DB_STEPS(2)
  SET_DR 7, 0x2400
  push 0x102
  BASE
  popfq
  mov rax, dr0
  nop
  END
  CASE 'breakpoint', DB_SET_RF | DB_STEPS(3)
  ARM 1, .behind, RW_EXECUTE | LENGTH_1
  push 0x102
  BASE
  popfq
  nop
.behind:
  nop
  nop
  END

; --- branch step: DEBUGCTL.BTF
  CASE 'btf', DB_STEPS(2)
  SET_MSR DEBUGCTL, BTF
  cmp eax, eax
  push 0x142             ; ZF, TF
  BASE
  popfq
  nop
  jne .not_taken
.not_taken:
  je .taken
  nop
.taken:
  nop
  nop
  END
  CASE 'btf-cleared'     ; by the #DB
  mov ecx, DEBUGCTL
  rdmsr
  BASE
  SHOW eax
  END
  CASE 'btf-call', DB_STEPS(1)
  SET_MSR DEBUGCTL, BTF
  push 0x102
  BASE
  popfq
  nop
  call .called
.called:
  pop rax
  END
  CASE 'btf-without-tf'
  SET_MSR DEBUGCTL, BTF
  BASE
  jmp .jumped_without
.jumped_without:
  rdmsr
  SHOW eax
  END
  SET_MSR DEBUGCTL, 0
  EXIT
