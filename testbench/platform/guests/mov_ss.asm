; What is behind MOV SS and POP SS: held traps, and what of them each kind of instruction leaves. MOV SS is at +0, two
; bytes long, and reads what DR0 watches.
%define BOOT_BITS 64
%include "machine.inc"

LSTAR equ 0xC0000082

%macro SET_MSR 2
  mov ecx, %1
  mov eax, %2
  xor edx, edx
  wrmsr
%endmacro

%macro MOV_SS 1-3 0, 0   ; case, DB_..., more of DR7
  CASE %1, %2
  ARM 0, DATA, RW_ACCESS | LENGTH_2, %3
  mov ebx, DATA
  BASE
  mov ss, [rbx]
%endmacro

bits 64
main:
  SET_MSR 0xC0000084, 0
  mov ecx, 0xC0000081
  xor eax, eax
  mov edx, USER32 << 16 | CODE64
  wrmsr
  mov ebx, DATA
  mov word [rbx], DATA32

  MOV_SS 'nop'
  nop
  nop
  END
  MOV_SS 'cli'
  cli
  nop
  END
  MOV_SS 'sti'
  sti
  cli
  END
  MOV_SS 'mov-ss'        ; does not hold longer
  mov ss, [abs case_ss]
  nop
  nop
  END
  MOV_SS 'int3'
  int3
  nop
  END
  MOV_SS 'int3-prefix'
  db 0x2E
  int3
  nop
  END
  MOV_SS 'int-3'
  db 0xCD, 3
  nop
  END
  MOV_SS 'int-4'
  int 4
  nop
  END
  MOV_SS 'int-21'
  int 0x21
  nop
  END
  MOV_SS 'int-1'
  db 0xCD, 1
  nop
  END
  MOV_SS 'int1'
  int1
  nop
  END
  MOV_SS 'ud2'
  ud2
  END
  MOV_SS 'page-fault'
  mov al, [abs 0x40000000]
  END
  SET_MSR LSTAR, .entered
  MOV_SS 'syscall'
  syscall
.entered:
  nop
  END
  MOV_SS 'gd', 0, 0x2000
  mov rax, dr1
  nop
  END
  MOV_SS 'jmp'
  jmp .jumped
  nop
.jumped:
  nop
  END
  MOV_SS 'watch'         ; of the shadowed instruction itself: the same #DB
  mov [rbx], al
  nop
  END
  mov word [rbx], DATA32

; --- instruction breakpoint on the shadowed instruction, nothing held
  CASE 'breakpoint', DB_SET_RF
  ARM 1, %$base + 7, RW_EXECUTE | LENGTH_1
  BASE
  mov ss, [abs case_ss]
  nop
  nop
  END
  CASE 'breakpoint-behind', DB_SET_RF
  ARM 1, %$base + 8, RW_EXECUTE | LENGTH_1
  BASE
  mov ss, [abs case_ss]
  nop
  nop
  END
; --- and a trap that is held
  CASE 'held-then-breakpoint', DB_SET_RF
  SET_DR 1, %$base + 3
  ARM 0, DATA, RW_ACCESS | LENGTH_2, ENABLE(1)
  BASE
  mov ss, [rbx]
  nop
  nop
  END

; --- under TF, nothing watched: POPF is at +0
  STEP 'tf-int1', 2
  mov ss, [abs case_ss]
  int1
  nop
  END
  CASE 'tf-gd', DB_STEPS(2)
  SET_DR 7, 0x2400
  push 0x102
  BASE
  popfq
  mov ss, [abs case_ss]
  mov rax, dr1
  nop
  END
  CASE 'tf-watch', DB_STEPS(1)
  ARM 0, DATA, RW_ACCESS | LENGTH_2
  push 0x102
  BASE
  popfq
  mov ss, [rbx]
  nop
  nop
  END

; --- at CPL 3
  mov word [rbx], USER_DATA
  CASE 'user-int3'
  ARM 0, DATA, RW_ACCESS | LENGTH_2
  TO_USER %$base, 2
  BASE
  mov ss, [rbx]
  int3
  int 0x40
  END
  CASE 'user-nop'
  ARM 0, DATA, RW_ACCESS | LENGTH_2
  TO_USER %$base, 2
  BASE
  mov ss, [rbx]
  nop
  int 0x40
  END
  SET_MSR LSTAR, .from_user
  CASE 'user-syscall'
  ARM 0, DATA, RW_ACCESS | LENGTH_2
  TO_USER %$base, 2
  BASE
  mov ss, [rbx]
  syscall
.from_user:
  nop
  END
  EXIT
