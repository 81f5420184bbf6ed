; Breakpoints in 64-bit and compatibility mode.
%define BOOT_BITS 64
%include "machine.inc"
%include "breakpoints.inc"

bits 64
main:
  BREAKPOINTS "long"
  jmp far dword [.compatibility]
.compatibility:
  dd compatibility
  dw CODE32
bits 32
compatibility:
  BREAKPOINTS "compat"
  EXIT
