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
  TO_V86 v86, 0x3000     ; IOPL 3
%define VIA_MONITOR
bits 16
v86:
  BREAKPOINTS "v86"
  EXIT
