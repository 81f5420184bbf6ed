; Breakpoints in 32-bit and 16-bit protected and in virtual-8086 mode, without paging.
%define BOOT_BITS 32
%include "machine.inc"
%include "breakpoints.inc"

bits 32
main:
  mov eax, 8             ; DE
  mov cr4, eax
  BREAKPOINTS "flat"
  jmp CODE16:protected_16
bits 16
protected_16:
  mov ax, DATA16
  mov ds, ax
  mov es, ax
  mov ss, ax
  BREAKPOINTS "word"
  jmp dword CODE32:to_v86
bits 32
to_v86:
  mov ax, DATA32
  mov ss, ax
  mov esp, STACK
  push 0                 ; GS, FS, DS, ES
  push 0
  push 0
  push 0
  push 0                 ; SS
  push USER_STACK
  push 0x23002           ; VM, IOPL 3
  push 0
  push v86
  iretd
%define VIA_MONITOR
bits 16
v86:
  BREAKPOINTS "v86"
  EXIT
