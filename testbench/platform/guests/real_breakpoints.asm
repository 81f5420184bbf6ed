; Breakpoints in real mode.
%include "real.inc"
%include "breakpoints.inc"

main:
  BREAKPOINTS "real"
  EXIT
