; Interrupts against the events of the debug unit, and shadows, in 64-bit mode. The local APIC sends vector 31h to
; itself while IF is 0.
%define BOOT_BITS 64
%include "machine.inc"

APIC equ 0xFEE00000
EOI  equ APIC + 0xB0
SVR  equ APIC + 0xF0
ICR  equ APIC + 0x300
ICR2 equ APIC + 0x310
LVT_TIMER equ APIC + 0x320
COUNT     equ APIC + 0x380
DIVIDE    equ APIC + 0x3E0

%macro APIC_SET 2
  mov eax, %1
  mov dword [rax], %2
%endmacro

; The interrupt waits at BASE.
%macro PENDING 1-2 0
  CASE %1, %2
  APIC_SET ICR, 0x44031  ; to itself, fixed
%endmacro
%macro ENDED 0
  END
  cli
  APIC_SET EOI, 0
%endmacro

bits 64
main:
  mov edi, TABLES + 0x4000
  mov ecx, 512
  xor eax, eax
  rep stosq
  mov dword [TABLES + 0x1018], TABLES + 0x4007
  mov eax, 0xFEE0009F
  mov [abs TABLES + 0x4000 + 503 * 8], rax
  APIC_SET SVR, 0x1FF
  mov ebx, DATA

  PENDING 'sti'
  BASE
  sti
  nop
  nop
  ENDED
  PENDING 'sti-cli'
  BASE
  sti
  cli
  nop
  sti
  nop
  ENDED
  PENDING 'popf'
  push 0x202
  BASE
  popfq
  nop
  ENDED
  PENDING 'iret'
  mov eax, esp
  push DATA32
  push rax
  push 0x202
  push CODE64
  push .returned
  BASE
  iretq
.returned:
  nop
  ENDED
  PENDING 'hlt'
  BASE
  sti
  hlt
  nop
  ENDED
  PENDING 'task-priority'
  mov eax, 3
  mov cr8, rax
  BASE
  sti
  nop
  nop
  xor eax, eax
  mov cr8, rax
  nop
  ENDED
; --- with #DB
  PENDING 'watch'
  ARM 0, DATA, RW_WRITE | LENGTH_1
  BASE
  sti
  mov [rbx], al
  nop
  ENDED
  PENDING 'breakpoint', DB_SET_RF
  ARM 0, %$base + 2, RW_EXECUTE | LENGTH_1
  BASE
  sti
  nop
  nop
  ENDED
  PENDING 'step', DB_STEPS(3)
  push 0x102
  BASE
  popfq
  sti
  nop
  nop
  ENDED
  PENDING 'int1'
  BASE
  sti
  int1
  nop
  ENDED
  PENDING 'gd'           ; the fault of what is behind comes later
  SET_DR 7, 0x2400
  BASE
  sti
  nop
  mov rax, dr0
  ENDED
; --- NMI, to APIC 0
  APIC_SET ICR2, 0
  CASE 'nmi'
  mov eax, ICR
  BASE
  mov dword [rax], 0x4400
  nop
  nop
  END
; --- timers
  CASE 'apic-timer'
  APIC_SET DIVIDE, 0xB
  APIC_SET LVT_TIMER, 0x32
  APIC_SET COUNT, 5000
  BASE
  sti
  hlt
  nop
  ENDED
  CASE 'pit'
  mov al, 0x11
  out 0x20, al
  mov al, 0x20           ; vectors from 20h
  out 0x21, al
  mov al, 4
  out 0x21, al
  mov al, 1
  out 0x21, al
  mov al, 0xFE
  out 0x21, al
  APIC_SET APIC + 0x350, 0x700 ; LINT0: ExtINT
  mov al, 0x30           ; counter 0, both bytes, mode 0
  out 0x43, al
  mov al, 100
  out 0x40, al
  xor eax, eax
  out 0x40, al
  BASE
  sti
  hlt
  nop
  END
  EXIT
