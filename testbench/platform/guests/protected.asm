; 32-bit protected mode: exceptions, call gates and other far transfers, task switches.
%define BOOT_BITS 32
%include "machine.inc"

GATE       equ FREE_GATE
CONFORMING equ FREE_GATE + 8
TASK       equ FREE_GATE + 16
TASK_TSS   equ 0x1A000
TASK_STACK equ 0x4800

; Descriptor %1 := %3:%2.
%macro DESCRIPTOR 3
  mov dword [gdt + %1], %2
  mov dword [gdt + %1 + 4], %3
%endmacro
%macro CALL_GATE 2       ; offset, attributes
  mov eax, %1
  mov [gdt + GATE], ax
  mov dword [gdt + GATE + 2], CODE32 | (%2) << 16
  mov word [gdt + GATE + 6], 0
%endmacro

bits 32
main:
  DESCRIPTOR CONFORMING, 0x0000FFFF, 0x00CF9F00 ; DPL 0
  DESCRIPTOR TASK, (TASK_TSS & 0xFFFF) << 16 | 103, 0x8900 | TASK_TSS >> 16

; --- exceptions
  CASE 'div'
  xor edx, edx
  xor ecx, ecx
  BASE
  div ecx
  END
  CASE 'into'
  mov al, 0x7F
  inc al
  BASE
  into
  nop
  END
  CASE 'bound'
  mov dword [DATA], 2
  mov dword [DATA + 4], 3
  mov eax, 4
  BASE
  bound eax, [DATA]
  END
  CASE 'ud2'
  BASE
  ud2
  END
  CASE 'nm'
  mov eax, cr0
  or eax, 8
  mov cr0, eax
  BASE
  fninit
  END
  clts
  CASE 'ac'
  mov eax, cr0
  or eax, 0x40000
  mov cr0, eax
  TO_USER .aligned, 0x40002
.aligned:
  mov ax, USER_DATA
  mov ds, ax
  BASE
  mov eax, [DATA + 1]
  END
  CASE 'limit'
  mov ax, DATA16
  mov es, ax
  BASE
  mov [es:0x10000], al
  END
  CASE 'limit-end'       ; the last byte is behind
  mov ax, DATA16
  mov es, ax
  BASE
  mov [es:0xFFFD], eax
  END
  CASE 'limit-stack'
  mov ax, DATA16
  mov ss, ax
  mov ebp, 0x10000
  BASE
  mov [ebp], al
  END
  CASE 'null'
  xor eax, eax
  mov es, ax
  BASE
  mov al, [es:DATA]
  END
  CASE 'write-code'
  BASE
  mov [cs:DATA], al
  END

; --- selectors
  CASE 'ss-null'
  xor eax, eax
  BASE
  mov ss, ax
  END
  CASE 'ss-level'
  mov eax, USER_DATA
  BASE
  mov ss, ax
  END
  CASE 'ds-behind-gdt'
  mov eax, 0xFF8
  BASE
  mov ds, ax
  END
  CASE 'ds-in-ldt'
  mov eax, 0x14
  BASE
  mov ds, ax
  END
  mov dword [USER_STACK], USER_DATA
  CASE 'pop-ss'          ; watched: held over the next instruction
  ARM 0, USER_STACK, RW_ACCESS | LENGTH_4
  TO_USER %$base, 2
  BASE
  pop ss
  nop
  int 0x40
  END
  CASE 'pop-ss-into'
  ARM 0, USER_STACK, RW_ACCESS | LENGTH_4
  TO_USER %$base, 0x802  ; OF
  BASE
  pop ss
  into
  int 0x40
  END
  CASE 'lss'             ; no shadow
  mov dword [DATA], STACK
  mov dword [DATA + 4], DATA32
  ARM 0, DATA, RW_ACCESS | LENGTH_4
  BASE
  lss esp, [DATA]
  nop
  END

; --- far transfers
  CASE 'jmp-data'
  BASE
  jmp DATA32:0
  END
  CASE 'jmp-null'
  BASE
  jmp 0:0
  END
  CASE 'jmp-inner'
  TO_USER %$base, 2
  BASE
  jmp CODE32 | 3:0
  END
  CASE 'conforming'      ; keeps CPL 3; JMP is 7 bytes
  TO_USER %$base, 2
  BASE
  jmp CONFORMING:.there
.there:
  int1
  int 0x40
  END
  CASE 'retf-outer'
  push USER_DATA
  push USER_STACK
  push USER32
  push .outer
  BASE
  retf
.outer:
  int1
  int 0x40
  END
  CASE 'retf-inner'
  TO_USER %$base - 7, 2
  push CODE32
  push strict dword 0
  BASE
  retf
  END

; --- call gates: the target is behind the CALL of 7 bytes. IRET to CPL 3 has made DS null.
%macro LOAD_DS 0
  mov ax, DATA32
  mov ds, ax
%endmacro
  CALL_GATE .entered_1, 0xEC01 ; present, DPL 3, one parameter
  CASE 'gate'
  TO_USER .call_1, 2
.call_1:
  push 0x1234
  BASE
  call GATE | 3:0
.entered_1:
  LOAD_DS
  SHOW [esp + 8]
  SHOW [esp + 12]
  xor eax, eax
  mov ax, cs
  SHOW eax
  END
  CALL_GATE .entered_2, 0xEC00
  CASE 'gate-step', DB_STEPS(1)
  TO_USER %$base, 0x102
  BASE
  call GATE | 3:0
.entered_2:
  nop
  LOAD_DS
  END
  CASE 'gate-breakpoint', DB_SET_RF
  ARM 0, .entered_3, RW_EXECUTE | LENGTH_1
  CALL_GATE .entered_3, 0xEC00
  TO_USER %$base, 2
  BASE
  call GATE | 3:0
.entered_3:
  nop
  LOAD_DS
  END
  CALL_GATE .entered_3, 0x8C00
  CASE 'gate-level'
  TO_USER %$base, 2
  BASE
  call GATE | 3:0
  END
  CALL_GATE .entered_3, 0x6C00
  CASE 'gate-not-present'
  TO_USER %$base, 2
  BASE
  call GATE | 3:0
  END

; --- tasks: the new one is at BASE
%macro NEW_TASK 2        ; EFLAGS, T
  mov edi, TASK_TSS
  mov ecx, 26
  xor eax, eax
  rep stosd
  mov dword [TASK_TSS + 32], %$base
  mov dword [TASK_TSS + 36], %1
  mov dword [TASK_TSS + 56], TASK_STACK
  mov word [TASK_TSS + 72], DATA32
  mov word [TASK_TSS + 76], CODE32
  mov word [TASK_TSS + 80], DATA32
  mov word [TASK_TSS + 84], DATA32
  mov word [TASK_TSS + 100], %2
  mov word [TASK_TSS + 102], 104
%endmacro
  CASE 'task-t'          ; L0 goes, G1 stays
  NEW_TASK 2, 1
  SET_DR 7, 0x409
  call TASK:0
  jmp .back_1
  BASE
  nop
  iretd
.back_1:
  mov eax, cr0
  and eax, 8
  SHOW eax
  END
  clts
  CASE 'task-breakpoint', DB_SET_RF
  NEW_TASK 2, 0
  ARM 1, %$base, RW_EXECUTE | LENGTH_1
  call TASK:0
  jmp .back_2
  BASE
  nop
  iretd
.back_2:
  END
  clts
  CASE 'task-rf'         ; RF comes with the TSS
  NEW_TASK 0x10002, 0
  ARM 1, %$base, RW_EXECUTE | LENGTH_1
  call TASK:0
  jmp .back_3
  BASE
  nop
  iretd
.back_3:
  END
  clts
  CASE 'task-tf', DB_STEPS(1) ; TF of the new task: behind its first instruction
  NEW_TASK 0x102, 0
  call TASK:0
  jmp .back_4
  BASE
  nop
  iretd
.back_4:
  END
  clts
  CASE 'task-gate'
  NEW_TASK 2, 1
  mov dword [idt32 + 0x22 * 8], TASK << 16
  mov dword [idt32 + 0x22 * 8 + 4], 0xE500
  int 0x22
  jmp .back_5
  BASE
  nop
  iretd
.back_5:
  END
  clts
  CASE 'task-busy'
  BASE
  jmp TSS:0
  END
  EXIT
